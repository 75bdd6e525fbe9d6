// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What one subscriber was given, to be held against what it should have been.
#pragma once

#include <cstdint>
#include <expected>

#include <gtest/gtest.h>

#include <ronbus/bus.hpp>
#include <ronbus/error.hpp>
#include <ronbus/subscriber.hpp>

#include "payloads.hpp"

namespace ron::test {

/// For a bus on which message n says n.
class Account {
 public:
  template <class T>
  void note(const std::expected<T, RecvError>& got) {
    if (got) {
      wrong_ += id_of(*got) != next_;
      ++received_;
      ++next_;
    } else if (got.error() == RecvError::Lagged) {
      missed_ += got.error().missed();
      next_ += got.error().missed();
    }
  }

  /// Receives what is left of the closed bus, and checks that everything is accounted for.
  template <class T>
  void settle(Subscriber<T>& rx, const Bus<T>& bus) {
    for (;;) {
      const auto got = rx.recv();
      if (!got && got.error() == RecvError::Closed) break;
      note(got);
    }
    EXPECT_EQ(wrong_, 0U) << "each message once, in order, but for what is told to be missed";
    EXPECT_EQ(received_, rx.received()) << "nothing was received for nobody";
    EXPECT_EQ(missed_, rx.missed());
    EXPECT_EQ(received_ + missed_, bus.published());
  }

 private:
  std::uint64_t received_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t wrong_ = 0;
  Id next_ = 0;
};

}  // namespace ron::test
