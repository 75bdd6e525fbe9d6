// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Node store for small trivially copyable messages. A node's words are copied out without
// protection and the copy is thrown away if the slot has moved on meanwhile. A node that leaves its
// slot can therefore be refilled at once: every publisher owns exactly one spare node, and each
// publish swaps it for the one it replaces. Nothing is ever reclaimed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

#include "ronbus/kernel/node_pool.hpp"
#include "ronbus/kernel/sequence.hpp"
#include "ronbus/kernel/slot_word.hpp"
#include "ronbus/kernel/word_copy.hpp"
#include "ronbus/sync/fence.hpp"

namespace ron::kernel {

template <WordCopyable T>
class CopiedNodes {
  struct Node {
    AtomicWord sequence;
    std::array<AtomicWord, kWordsOf<T>> words;
  };

 public:
  /// A node filled by its publisher and not published yet; false if there was no memory for one.
  struct Prepared {
    Node* node = nullptr;
    NodeIndex index = 0;
    [[nodiscard]] explicit operator bool() const noexcept { return node != nullptr; }
  };
  /// What a publisher owns: one spare node.
  using Spares = Prepared;
  /// What a reader needs.
  struct Pin {};
  /// A message that outlasts the read.
  class Hold {
   public:
    [[nodiscard]] const T& message() const noexcept { return copy_.value(); }

   private:
    friend class CopiedNodes;
    WordBuffer<T> copy_;
  };

  CopiedNodes(std::size_t capacity, sync::AsymmetricFence /*fence*/)
      : pool_{capacity + kReadySpares, kReadySpares, SlotWord::kMaxNodes} {}

  /// The nodes that fill the slots at first.
  [[nodiscard]] std::optional<NodeIndex> take_initial(std::size_t capacity) noexcept {
    return pool_.take(static_cast<NodeIndex>(capacity));
  }

  [[nodiscard]] bool equip(Spares& spares) noexcept {
    const std::optional<NodeIndex> index = pool_.take(1);
    if (index) spares = {&pool_[*index], *index};
    return index.has_value();
  }

  [[nodiscard]] bool acquire_pin(Pin& /*pin*/) noexcept { return true; }
  void release_pin(Pin& /*pin*/) noexcept {}

  /// Fills the publisher's spare node.
  template <class... Args>
  [[nodiscard]] Prepared prepare(Spares& spares, Args&&... args) {
    const T message(std::forward<Args>(args)...);
    // The words must not be seen before the swap that took this node out of its slot: pairs with
    // the acquire fence in `copy_valid`.
    sync::fence(std::memory_order_release);
    store_words<T>(spares.node->words.data(), message);
    return spares;
  }

  /// Names the sequence a prepared node is about to get.
  static void label(const Prepared& prepared, Sequence sequence) noexcept {
    // relaxed: published with the node by the swap into its slot.
    prepared.node->sequence.store(sequence, std::memory_order_relaxed);
  }

  /// The prepared node is in the slot now; `replaced` came out of it.
  void swapped(Spares& spares, NodeIndex replaced, bool /*had_message*/) noexcept {
    spares = {&pool_[replaced], replaced};
  }

  /// The prepared node is not going to be published.
  void abandon(Spares& /*spares*/, const Prepared& /*prepared*/) noexcept {}

  /// The message of a prepared node, to be given back to its owner.
  [[nodiscard]] static T take_back(const Prepared& prepared) noexcept {
    WordBuffer<T> copy;
    copy.load(prepared.node->words.data());
    return std::move(copy.value());
  }

  /// Reads the message `sequence` from the node named by `word`, which was loaded from `slot`.
  template <class Deliver>
  [[nodiscard, gnu::always_inline]] ReadStatus read(const Pin& /*pin*/, const AtomicWord& slot,
                                                    SlotWord word, Sequence sequence,
                                                    Deliver&& deliver) {
    WordBuffer<T> copy;
    if (!copy_valid(copy, slot, word, sequence)) [[unlikely]]
      return ReadStatus::Lagged;
    std::forward<Deliver>(deliver)(std::as_const(copy.value()));
    return ReadStatus::Ready;
  }

  /// As `read`, but the copy stays in `hold`.
  [[nodiscard]] ReadStatus hold(Hold& hold, const AtomicWord& slot, SlotWord word,
                                Sequence sequence) noexcept {
    return copy_valid(hold.copy_, slot, word, sequence) ? ReadStatus::Ready : ReadStatus::Lagged;
  }

  void destroy_published(NodeIndex /*node*/) noexcept {}
  void destroy_spares(Spares& /*spares*/) noexcept {}

 private:
  /// Nodes made with the pool for the first publishers.
  static constexpr std::size_t kReadySpares = 8;

  [[nodiscard]] bool copy_valid(WordBuffer<T>& copy, const AtomicWord& slot, SlotWord word,
                                Sequence sequence) const noexcept {
    const Node& node = pool_[word.node()];
    copy.load(node.words.data());
    const Sequence labelled = node.sequence.load(std::memory_order_relaxed);
    // acquire fence: pairs with the release fence in prepare(). If the copy holds a word of a later
    // message, the load below sees that the slot has moved on.
    sync::fence(std::memory_order_acquire);
    // acquire: a search for the tail that follows sees it, too.
    const SlotWord now{slot.load(std::memory_order_acquire)};
    return now.is_same_message(word) && labelled == sequence;
  }

  NodePool<Node> pool_;
};

}  // namespace ron::kernel
