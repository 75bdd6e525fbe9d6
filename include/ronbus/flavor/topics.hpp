// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include "ronbus/interest.hpp"
#include "ronbus/sync/attention.hpp"

namespace ron::flavor {

/// What a publish is about, noted while the publisher still has the messages. For types that do not
/// tell it is everything, and costs nothing.
template <class T>
class Topics {
 public:
  explicit Topics(const sync::Attention* /*attention*/) noexcept {}
  [[nodiscard]] static Topics everything() noexcept { return Topics{nullptr}; }
  template <class... Args>
  void note(const Args&... /*args*/) noexcept {}
  [[nodiscard]] static constexpr Interest sum() noexcept { return kEveryInterest; }
};

/// The messages are asked only while somebody sleeps; who falls asleep meanwhile may be woken for
/// nothing.
template <HasInterest T>
class Topics<T> {
 public:
  /// `attention` may be nullptr where nothing will be published.
  explicit Topics(const sync::Attention* attention) noexcept
      : anybody_asleep_{attention != nullptr &&
                        (attention->peek() & sync::Attention::kSleepers) != 0} {}
  [[nodiscard]] static Topics everything() noexcept {
    Topics all{nullptr};
    all.note();
    return all;
  }

  /// Adds what the message is about that is made from `args`; everything if these do not tell.
  template <class... Args>
  void note([[maybe_unused]] const Args&... args) noexcept {
    if constexpr (sizeof...(Args) == 1 && (std::same_as<Args, T> && ...)) {
      sum_ |= anybody_asleep_ ? (interest_of(args) | ...) : kEveryInterest;
    } else {
      sum_ = kEveryInterest;
    }
  }
  [[nodiscard]] Interest sum() const noexcept { return sum_; }

 private:
  bool anybody_asleep_;
  Interest sum_ = 0;
};

/// Goes along with an iterator, which it advances, and notes what it shows.
template <class T, class Iterator>
class NotingIterator {
 public:
  NotingIterator(Iterator& next, Topics<T>& topics) noexcept : next_{&next}, topics_{&topics} {}

  decltype(auto) operator*() const {
    if constexpr (std::is_reference_v<decltype(**next_)>) {
      auto&& element = **next_;
      topics_->note(element);
      return static_cast<decltype(**next_)>(element);
    } else {
      auto element = **next_;
      topics_->note(element);
      return element;
    }
  }
  NotingIterator& operator++() {
    ++*next_;
    return *this;
  }

 private:
  Iterator* next_;
  Topics<T>* topics_;
};

/// What a batch takes its messages from: the iterator itself where there is nothing to note.
template <class T, class Iterator>
[[nodiscard]] decltype(auto) noting(Iterator& next, Topics<T>& topics) noexcept {
  if constexpr (HasInterest<T>) {
    return NotingIterator<T, Iterator>{next, topics};
  } else {
    return (next);
  }
}

}  // namespace ron::flavor
