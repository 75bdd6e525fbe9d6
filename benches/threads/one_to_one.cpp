// SPDX-License-Identifier: MIT OR Apache-2.0
#include "threads/one_to_one.hpp"

#include <memory>

#include "systems/one_way_ring.hpp"
#include "threads/systems/ron_bus.hpp"

namespace ron::bench::threads {
namespace {

constexpr std::size_t kCapacity = 1024;
constexpr const char* kFloor = "floor_one_way_ring";
constexpr const char* kBatchFloor = "floor_one_way_ring_batch_64";

enum class Way { OneByOne, Batches };

/// Every repetition has a new system, made by `make`.
template <class Make>
Case one_to_one(Result result, Way way, Make make, const Conditions& conditions) {
  return {{std::move(result)}, {}, [=](std::span<double> samples) {
            const auto system = make();
            samples[0] = way == Way::OneByOne ? one_by_one(*system, conditions)
                                              : in_batches(*system, conditions);
          }};
}

}  // namespace

void add_one_to_one(std::vector<Case>& cases, const Conditions& conditions) {
  const auto ring = [] { return std::make_unique<OneWayRing>(); };
  const auto shared = [] { return std::make_unique<GatedBus>(BusBuilder{}.cap(kCapacity)); };
  const auto single = [] {
    return std::make_unique<GatedBus>(BusBuilder{}.cap(kCapacity).single_publisher());
  };
  const auto add = [&](Result result, Way way, const auto& make) {
    cases.push_back(one_to_one(std::move(result), way, make, conditions));
  };

  add(rate(kFloor, "plain one-way ring of 1024 numbers, one by one", kFloor), Way::OneByOne, ring);
  add(rate(kBatchFloor, "plain one-way ring of 1024 numbers, batches of 64", kBatchFloor),
      Way::Batches, ring);
  add(rate("gated_1to1_single_one_by_one", "publish_wait to recv, single publisher", kFloor, 80),
      Way::OneByOne, single);
  add(rate("gated_1to1_single_batch_64", "publish_many_wait to recv_many, single publisher",
           kBatchFloor, 300),
      Way::Batches, single);
  add(rate("gated_1to1_shared_one_by_one", "publish_wait to recv", kFloor, 15), Way::OneByOne,
      shared);
  add(rate("gated_1to1_shared_batch_64", "publish_many_wait to recv_many", kBatchFloor),
      Way::Batches, shared);
}

}  // namespace ron::bench::threads
