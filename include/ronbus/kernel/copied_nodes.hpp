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
  /// What a publisher owns.
  struct Spares {
    NodeIndex spare = 0;
  };
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
      : pool_{capacity + kReadySpares, SlotWord::kMaxNodes} {}

  /// The nodes that fill the slots at first.
  [[nodiscard]] std::optional<NodeIndex> take_initial(std::size_t capacity) noexcept {
    return pool_.take(static_cast<NodeIndex>(capacity));
  }

  [[nodiscard]] bool equip(Spares& spares) noexcept {
    const std::optional<NodeIndex> node = pool_.take(1);
    if (node) spares.spare = *node;
    return node.has_value();
  }

  [[nodiscard]] bool acquire_pin(Pin& /*pin*/) noexcept { return true; }
  void release_pin(Pin& /*pin*/) noexcept {}

  /// Fills a node of the publisher's own.
  template <class... Args>
  [[nodiscard]] std::optional<NodeIndex> prepare(Spares& spares, Args&&... args) {
    Node& node = pool_[spares.spare];
    // The words must not be seen before the swap that took this node out of its slot: pairs with
    // the acquire fence in `copy_valid`.
    sync::fence(std::memory_order_release);
    store_words<T>(node.words.data(), T(std::forward<Args>(args)...));
    return spares.spare;
  }

  /// Names the sequence a prepared node is about to get.
  void label(NodeIndex index, Sequence sequence) noexcept {
    // relaxed: published with the node by the swap into its slot.
    pool_[index].sequence.store(sequence, std::memory_order_relaxed);
  }

  /// The prepared node is in the slot now; `replaced` came out of it.
  void swapped(Spares& spares, NodeIndex replaced, bool /*had_message*/) noexcept {
    spares.spare = replaced;
  }

  /// The prepared node is not going to be published.
  void abandon(Spares& /*spares*/, NodeIndex /*node*/) noexcept {}

  /// The message of a prepared node, to be given back to its owner.
  [[nodiscard]] T take_back(NodeIndex index) noexcept {
    WordBuffer<T> copy;
    copy.load(pool_[index].words.data());
    return copy.value();
  }

  /// Reads the message `sequence` from the node named by `word`, which was loaded from `slot`.
  template <class Deliver>
  [[nodiscard]] ReadStatus read(const Pin& /*pin*/, const AtomicWord& slot, SlotWord word,
                                Sequence sequence, Deliver&& deliver) {
    WordBuffer<T> copy;
    if (!copy_valid(copy, slot, word, sequence)) [[unlikely]]
      return ReadStatus::Lagged;
    std::forward<Deliver>(deliver)(copy.value());
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
    const SlotWord now{slot.load(std::memory_order_relaxed)};
    return now.sealed() == word.sealed() && labelled == sequence;
  }

  NodePool<Node> pool_;
};

}  // namespace ron::kernel
