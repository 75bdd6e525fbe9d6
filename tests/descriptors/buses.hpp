// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Buses of the storages that differ in how they end and how they are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <ronbus/ronbus.hpp>

#include "payloads.hpp"

namespace ron::test {

struct Dense {
  using Message = std::uint64_t;
  static BusBuilder builder() { return std::move(BusBuilder{}.single_publisher()); }
};
struct Paired {
  using Message = std::uint64_t;
  static BusBuilder builder() { return {}; }
};
/// With the fence of machines without membarrier.
struct Pinned {
  using Message = std::string;
  static BusBuilder builder() { return std::move(BusBuilder{}.fence(FencePolicy::Portable)); }
};

using Storages = testing::Types<Dense, Paired, Pinned>;

class StorageName {
 public:
  template <class Storage>
  static std::string GetName(int /*index*/) {
    if constexpr (std::is_same_v<Storage, Dense>) return "Dense";
    return std::is_same_v<Storage, Paired> ? "Paired" : "Pinned";
  }
};

template <class Storage>
class OnEveryStorage : public testing::Test {
 protected:
  static Bus<typename Storage::Message> open(std::size_t capacity = 4) {
    return Storage::builder().cap(capacity).template build<typename Storage::Message>().value();
  }
};

}  // namespace ron::test
