// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A list of reusable entries that grows without bound, one per participant that is alive at the
// same time. Entries are pushed, claimed and released, but never removed before the registry itself
// goes: whoever walks the list needs no protection, and nobody who comes or goes makes anybody
// wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include "ronbus/sync/atomic.hpp"

namespace ron::kernel {

/// Base of what a Registry holds.
template <class Entry>
class RegistryEntry {
 public:
  [[nodiscard]] Entry* next_entry() const noexcept { return next_; }

 private:
  template <class>
  friend class Registry;

  Entry* next_ = nullptr;  ///< written before the entry is visible, then constant
  sync::Atomic<std::uint32_t> claimed_{1};
};

template <class Entry>
class Registry {
 public:
  Registry() noexcept = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  ~Registry() {
    for (Entry* entry = head_.load(std::memory_order_relaxed); entry != nullptr;) {
      delete std::exchange(entry, entry->next_);
    }
  }

  /// A free entry, or a new one. nullptr if there is no memory. Lock-free.
  template <class... Args>
  [[nodiscard]] Entry* claim(Args&&... args) noexcept {
    for (Entry* entry = first(); entry != nullptr; entry = entry->next_) {
      // acquire: pairs with the release in `release`; the claimant owns what its predecessor left.
      if (entry->claimed_.load(std::memory_order_relaxed) == 0 &&
          entry->claimed_.exchange(1, std::memory_order_acquire) == 0) {
        return entry;
      }
    }
    auto* entry = new (std::nothrow) Entry(std::forward<Args>(args)...);
    if (entry != nullptr) push(entry);
    return entry;
  }

  void release(Entry& entry) noexcept { entry.claimed_.store(0, std::memory_order_release); }

  /// Start of the list, for a walk along `next_entry`; newest first.
  [[nodiscard]] Entry* first() const noexcept {
    // acquire: pairs with the release in `push`; the entry is constructed.
    return head_.load(std::memory_order_acquire);
  }

 private:
  void push(Entry* entry) noexcept {
    Entry* head = head_.load(std::memory_order_relaxed);
    do {
      entry->next_ = head;
      // seq_cst: also orders the new entry before the walks of those who fence after it.
    } while (
        !head_.compare_exchange(head, entry, std::memory_order_seq_cst, std::memory_order_relaxed));
  }

  sync::Atomic<Entry*> head_{nullptr};
};

}  // namespace ron::kernel
