// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Node store for messages of any movable type. A reader pins the node it looks at by writing its
// index into a cell of its own (a hazard cell) and then checking that the slot still names it. No
// other thread writes that cell's cache line, so readers share nothing that is written.
//
//   reader     (H1) cell = node      light fence   (H2) slot still names node?   use it   cell =
//   none publisher  (R1) slot names another node        heavy fence   (R2) is it in any cell?
//   destroy it
//
// Either R2 sees the pin, and the node is kept for a later round, or H2 sees that the slot moved
// on, and the reader does not touch the node.
//
// A replaced node is put aside by the publisher that replaced it. When a publisher has no free node
// left it looks through the cells once for all it has put aside, so the heavy fence is paid once
// per some hundred publishes. Messages alive beyond the capacity: at most the nodes of each
// publisher that exists or existed at the same time (64 to 1024 each, and four times the number of
// pins if that is more). Destructors run here, on the publishing thread, with nothing held: they
// may publish again.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "ronbus/base/exceptions.hpp"
#include "ronbus/kernel/node_pool.hpp"
#include "ronbus/kernel/registry.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/kernel/slot_word.hpp"
#include "ronbus/kernel/word_copy.hpp"
#include "ronbus/sync/cache_line.hpp"
#include "ronbus/sync/fence.hpp"

namespace ron::kernel {

template <class T>
class PinnedNodes {
  struct Node {
    Sequence sequence = 0;
    /// Where among its publisher's retired nodes this one stands; a hint, verified there.
    sync::Atomic<std::uint32_t> place;
    alignas(T) std::byte storage[sizeof(T)];

    [[nodiscard]] T* message() noexcept { return std::launder(reinterpret_cast<T*>(storage)); }
  };

  struct alignas(sync::kCacheLine) HazardCell : RegistryEntry<HazardCell> {
    /// Index of the pinned node plus one; 0 if none.
    sync::Atomic<NodeIndex> pinned;
  };

 public:
  /// A node with a message that is not published yet; false if there was no memory for one.
  struct Prepared {
    Node* node = nullptr;
    NodeIndex index = 0;
    [[nodiscard]] explicit operator bool() const noexcept { return node != nullptr; }
  };
  /// What a publisher owns: free nodes, retired ones, and those being destroyed right now. Their
  /// number together is constant but for growth.
  struct Spares {
    std::size_t count = 0;
    std::size_t free_count = 0;
    std::size_t retired_count = 0;
    std::size_t dying_count = 0;
    std::unique_ptr<NodeIndex[]> free;
    std::unique_ptr<NodeIndex[]> retired;
    std::unique_ptr<NodeIndex[]> dying;
    std::unique_ptr<bool[]> kept;  ///< which retired nodes are pinned, valid during reclaim
  };
  /// What a reader needs.
  struct Pin {
    HazardCell* cell = nullptr;
  };

  /// A message that stays pinned after the read, by a cell of its own. The node store must outlive
  /// it.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept
        : nodes_{std::exchange(other.nodes_, nullptr)},
          pin_{other.pin_},
          message_{other.message_} {}
    Hold& operator=(Hold&& other) noexcept {
      std::swap(nodes_, other.nodes_);
      std::swap(pin_, other.pin_);
      std::swap(message_, other.message_);
      return *this;
    }
    ~Hold() {
      if (nodes_ == nullptr) return;
      unpin(pin_);
      nodes_->release_pin(pin_);
    }

    [[nodiscard]] const T& message() const noexcept { return *message_; }

   private:
    friend class PinnedNodes;
    PinnedNodes* nodes_ = nullptr;
    Pin pin_;
    const T* message_ = nullptr;
  };

  PinnedNodes(std::size_t capacity, sync::AsymmetricFence fence)
      : fence_{fence},
        pool_{capacity + kNodesPerPublisher, kNodesPerPublisher, SlotWord::kMaxNodes} {}

  [[nodiscard]] std::optional<NodeIndex> take_initial(std::size_t capacity) noexcept {
    return pool_.take(static_cast<NodeIndex>(capacity));
  }

  [[nodiscard]] bool equip(Spares& spares) noexcept { return grow(spares, kNodesPerPublisher); }

  [[nodiscard]] bool acquire_pin(Pin& pin) noexcept {
    pin.cell = cells_.claim();
    return pin.cell != nullptr;
  }
  void release_pin(Pin& pin) noexcept {
    if (pin.cell != nullptr) cells_.release(*std::exchange(pin.cell, nullptr));
  }

  /// Constructs a message in a free node. If the constructor throws, the node stays free.
  template <class... Args>
  [[nodiscard]] Prepared prepare(Spares& spares, Args&&... args) {
    if (spares.free_count == 0 && !reclaim(spares)) [[unlikely]]
      return {};
    const NodeIndex index = spares.free[--spares.free_count];
    Node& node = pool_[index];
    if constexpr (noexcept(T(std::forward<Args>(args)...))) {
      ::new (node.storage) T(std::forward<Args>(args)...);
    } else {
      struct PutBack {
        Spares* spares;
        NodeIndex index;
        ~PutBack() {
          if (spares != nullptr) spares->free[spares->free_count++] = index;
        }
      } put_back{&spares, index};
      ::new (node.storage) T(std::forward<Args>(args)...);
      put_back.spares = nullptr;
    }
    return {&node, index};
  }

  static void label(const Prepared& prepared, Sequence sequence) noexcept {
    prepared.node->sequence = sequence;
  }

  void swapped(Spares& spares, NodeIndex replaced, bool had_message) noexcept {
    if (had_message) [[likely]] {
      spares.retired[spares.retired_count++] = replaced;
    } else {
      spares.free[spares.free_count++] = replaced;
    }
  }

  void abandon(Spares& spares, const Prepared& prepared) noexcept {
    prepared.node->message()->~T();
    spares.free[spares.free_count++] = prepared.index;
  }

  [[nodiscard]] static const T& message(const Prepared& prepared) noexcept {
    return *prepared.node->message();
  }

  [[nodiscard]] static T&& take_back(const Prepared& prepared) noexcept {
    return std::move(*prepared.node->message());
  }

  /// Reads in place; the message stays pinned until `deliver` returns.
  template <class Deliver>
  [[nodiscard, gnu::always_inline]] ReadStatus read(const Pin& pin, const AtomicWord& slot,
                                                    SlotWord word, Sequence sequence,
                                                    Deliver&& deliver) {
    const Pin own = pin;  // in a register
    Node& node = pool_[word.node()];
    if (!try_pin(own, node, slot, word, sequence)) [[unlikely]]
      return ReadStatus::Lagged;
    const Unpin unpin{own};
    std::forward<Deliver>(deliver)(std::as_const(*node.message()));
    return ReadStatus::Ready;
  }

  /// Keeps the message pinned in `hold`, which must be empty. Throws std::bad_alloc if a cell is
  /// needed and there is no memory for it.
  [[nodiscard]] ReadStatus hold(Hold& hold, const AtomicWord& slot, SlotWord word,
                                Sequence sequence) {
    Pin pin;
    if (!acquire_pin(pin)) base::out_of_memory();
    Node& node = pool_[word.node()];
    if (!try_pin(pin, node, slot, word, sequence)) {
      release_pin(pin);
      return ReadStatus::Lagged;
    }
    hold.nodes_ = this;
    hold.pin_ = pin;
    hold.message_ = node.message();
    return ReadStatus::Ready;
  }

  /// At the end of the ring, when nobody else is left.
  void destroy_published(NodeIndex index) noexcept { pool_[index].message()->~T(); }
  void destroy_spares(Spares& spares) noexcept {
    for (std::size_t i = 0; i < spares.retired_count; ++i) destroy_published(spares.retired[i]);
  }

 private:
  /// Nodes of a publisher: as many as fit into this, but at least 64 and at most 1024. The heavy
  /// fence (0.3 to 12 us, depending on what the other cores do) is paid once per that many
  /// publishes.
  static constexpr std::size_t kSpareBytes = 65536;
  static constexpr std::size_t kNodesPerPublisher =
      sync::kModelCheck ? 2 : std::clamp<std::size_t>(kSpareBytes / sizeof(Node), 64, 1024);

  struct Unpin {
    const Pin& pin;
    ~Unpin() { unpin(pin); }
  };

  /// H1 and H2. On success the caller may use the message until `unpin`.
  [[nodiscard]] bool try_pin(const Pin& pin, const Node& node, const AtomicWord& slot,
                             SlotWord word, Sequence sequence) const noexcept {
    // H1, release: who sees this pin instead of the one before knows that one to be done with.
    pin.cell->pinned.store(word.node() + 1, std::memory_order_release);
    fence_.light();  // pairs with the heavy fence in reclaim()
    // H2, acquire: pairs with the swap that published the node.
    const SlotWord now{slot.load(std::memory_order_acquire)};
    if (now.is_same_message(word) && node.sequence == sequence) [[likely]]
      return true;
    unpin(pin);
    return false;
  }

  static void unpin(const Pin& pin) noexcept {
    // release: pairs with the acquire in mark_pinned; the reader's accesses come before
    // destruction.
    pin.cell->pinned.store(0, std::memory_order_release);
  }

  /// Destroys the retired messages that nobody has pinned. False if that left no free node and
  /// there is no memory for more.
  [[gnu::noinline]] [[nodiscard]] bool reclaim(Spares& spares) {
    // Called again by a destructor that publishes: the round above is not finished.
    if (spares.dying_count > 0) return grow(spares, kNodesPerPublisher);

    fence_.heavy();  // pairs with the light fence between H1 and H2
    if (mark_pinned(spares)) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < spares.retired_count; ++i) {
        const NodeIndex index = spares.retired[i];
        (spares.kept[i] ? spares.retired[kept++] : spares.dying[spares.dying_count++]) = index;
      }
      spares.retired_count = kept;
    } else {
      std::swap(spares.retired, spares.dying);
      std::swap(spares.retired_count, spares.dying_count);
    }
    while (spares.dying_count > 0) {
      const NodeIndex index = spares.dying[spares.dying_count - 1];
      pool_[index].message()->~T();
      --spares.dying_count;
      spares.free[spares.free_count++] = index;
    }
    // So many pins that rounds would come too often: more nodes keep their cost constant.
    if (spares.free_count < spares.count / 2 && !grow(spares, spares.count)) {
      return spares.free_count > 0;
    }
    return true;
  }

  /// R2: notes in `kept` which retired nodes are pinned. False if nothing at all is pinned.
  [[nodiscard]] bool mark_pinned(Spares& spares) noexcept {
    bool placed = false;
    for (const HazardCell* cell = cells_.first(); cell != nullptr; cell = cell->next_entry()) {
      // acquire: pairs with the releases in try_pin and unpin.
      const NodeIndex pinned = cell->pinned.load(std::memory_order_acquire);
      if (pinned == 0) continue;
      if (!std::exchange(placed, true)) {
        std::fill_n(spares.kept.get(), spares.retired_count, false);
        for (std::size_t i = 0; i < spares.retired_count; ++i) {
          // relaxed: a node's place matters only to the publisher that has it among its retired.
          pool_[spares.retired[i]].place.store(static_cast<std::uint32_t>(i),
                                               std::memory_order_relaxed);
        }
      }
      const std::uint32_t place = pool_[pinned - 1].place.load(std::memory_order_relaxed);
      if (place < spares.retired_count && spares.retired[place] == pinned - 1) {
        spares.kept[place] = true;
      }
    }
    return placed;
  }

  [[nodiscard]] bool grow(Spares& spares, std::size_t by) noexcept {
    const std::size_t count = spares.count + by;
    const auto resized = [](const std::unique_ptr<NodeIndex[]>& from, std::size_t used,
                            std::size_t size) {
      std::unique_ptr<NodeIndex[]> to{new (std::nothrow) NodeIndex[size]};
      if (to) std::copy_n(from.get(), used, to.get());
      return to;
    };
    auto free = resized(spares.free, spares.free_count, count);
    auto retired = resized(spares.retired, spares.retired_count, count);
    auto dying = resized(spares.dying, spares.dying_count, count);
    std::unique_ptr<bool[]> kept{new (std::nothrow) bool[count]};
    if (!free || !retired || !dying || !kept) return false;
    const std::optional<NodeIndex> first = pool_.take(static_cast<NodeIndex>(by));
    if (!first) return false;
    for (std::size_t i = by; i > 0; --i) {
      free[spares.free_count++] = *first + static_cast<NodeIndex>(i - 1);
    }
    spares.count = count;
    spares.free = std::move(free);
    spares.retired = std::move(retired);
    spares.dying = std::move(dying);
    spares.kept = std::move(kept);
    return true;
  }

  const sync::AsymmetricFence fence_;
  NodePool<Node> pool_;
  Registry<HazardCell> cells_;
};

}  // namespace ron::kernel
