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
  explicit Topics(const sync::Attention& /*attention*/) noexcept {}
  template <class... Args>
  void note(const Args&... /*args*/) noexcept {}
  [[nodiscard]] static constexpr Interest sum() noexcept { return kEveryInterest; }
};

/// The messages are asked only while somebody sleeps; who falls asleep meanwhile may be woken for
/// nothing.
template <HasInterest T>
class Topics<T> {
 public:
  explicit Topics(const sync::Attention& attention) noexcept
      : anybody_asleep_{(attention.peek() & sync::Attention::kSleepers) != 0} {
    if (anybody_asleep_) [[unlikely]]
      sum_ = 0;
  }
  /// Adds what the message is about that is made from `args`; everything if these do not tell.
  template <class... Args>
  void note([[maybe_unused]] const Args&... args) noexcept {
    if constexpr (sizeof...(Args) == 1 && (std::same_as<Args, T> && ...)) {
      if (anybody_asleep_) [[unlikely]]
        sum_ |= (ask(args) | ...);
    } else {
      sum_ = kEveryInterest;
    }
  }
  [[nodiscard]] Interest sum() const noexcept { return sum_; }

 private:
  /// Out of the way of who publishes while nobody sleeps.
  [[nodiscard, gnu::noinline, gnu::cold]] static Interest ask(const T& message) noexcept {
    return interest_of(message);
  }

  bool anybody_asleep_;
  Interest sum_ = kEveryInterest;
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
