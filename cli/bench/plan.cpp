// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plan.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace ron::cli::bench {
namespace {

constexpr bool kQuick = true;
constexpr bool kFull = false;

// clang-format off
constexpr std::array kPlan{
    Case{"throughput", "no subscriber", "subscribers=0 slow=0", kFull},
    Case{"throughput", "1 idle", "subscribers=1 slow=0", kQuick},
    Case{"throughput", "8 idle", "subscribers=8 slow=0", kQuick},
    Case{"throughput", "1 slow", "subscribers=0 slow=1", kQuick},
    Case{"throughput", "1 lagging, capacity 2", "subscribers=1 slow=0 capacity=2", kQuick},

    Case{"latency_service", "capacity 64", "capacity=64", kFull},
    Case{"latency_service", "capacity 1024", "capacity=1024", kQuick},
    Case{"latency_service", "capacity 65536", "capacity=65536", kFull},

    Case{"latency", "polling, every 10 us", "interval_us=10 receiver=polling", kQuick},
    Case{"latency", "polling, every 100 us", "interval_us=100 receiver=polling", kFull},
    Case{"latency", "sleeping, every 10 us", "interval_us=10 receiver=sleeping", kFull},
    Case{"latency", "sleeping, every 100 us", "interval_us=100 receiver=sleeping", kQuick},
    Case{"latency", "async, every 10 us", "interval_us=10 receiver=async", kFull},
    Case{"latency", "async, every 100 us", "interval_us=100 receiver=async", kQuick},

    Case{"slo", "1 M/s to 4", "rate=1000000 subscribers=4 capacity=4096", kQuick},
    Case{"slo", "2 M/s to 4", "rate=2000000 subscribers=4 capacity=4096", kFull},

    Case{"overflow", "capacity 64", "capacity=64", kQuick},

    Case{"bus_publish", "steady to 4", "subscribers=4 burst=1 capacity=2048 batched=0 epoch_yield=0", kFull},
    Case{"bus_publish", "steady to 16", "subscribers=16 burst=1 capacity=2048 batched=0 epoch_yield=0", kFull},
    Case{"bus_publish", "256 to 4, classic", "subscribers=4 burst=256 capacity=2048 batched=0 epoch_yield=0", kQuick},
    Case{"bus_publish", "256 to 4, classic, yield", "subscribers=4 burst=256 capacity=2048 batched=0 epoch_yield=1", kFull},
    Case{"bus_publish", "256 to 4, batched", "subscribers=4 burst=256 capacity=2048 batched=1 epoch_yield=0", kQuick},
    Case{"bus_publish", "256 to 4, batched, yield", "subscribers=4 burst=256 capacity=2048 batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "256 to 16, classic", "subscribers=16 burst=256 capacity=2048 batched=0 epoch_yield=0", kFull},
    Case{"bus_publish", "256 to 16, classic, yield", "subscribers=16 burst=256 capacity=2048 batched=0 epoch_yield=1", kFull},
    Case{"bus_publish", "256 to 16, batched", "subscribers=16 burst=256 capacity=2048 batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "256 to 16, batched, yield", "subscribers=16 burst=256 capacity=2048 batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, classic", "subscribers=4 burst=512 capacity=4096 batched=0 epoch_yield=0", kQuick},
    Case{"bus_publish", "512 to 4, classic, yield", "subscribers=4 burst=512 capacity=4096 batched=0 epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, batched", "subscribers=4 burst=512 capacity=4096 batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, batched, yield", "subscribers=4 burst=512 capacity=4096 batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 16, classic", "subscribers=16 burst=512 capacity=4096 batched=0 epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 16, classic, yield", "subscribers=16 burst=512 capacity=4096 batched=0 epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 16, batched", "subscribers=16 burst=512 capacity=4096 batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 16, batched, yield", "subscribers=16 burst=512 capacity=4096 batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, classic", "subscribers=4 burst=1024 capacity=8192 batched=0 epoch_yield=0", kQuick},
    Case{"bus_publish", "1024 to 4, classic, yield", "subscribers=4 burst=1024 capacity=8192 batched=0 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, batched", "subscribers=4 burst=1024 capacity=8192 batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, batched, yield", "subscribers=4 burst=1024 capacity=8192 batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 16, classic", "subscribers=16 burst=1024 capacity=8192 batched=0 epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 16, classic, yield", "subscribers=16 burst=1024 capacity=8192 batched=0 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 16, batched", "subscribers=16 burst=1024 capacity=8192 batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 16, batched, yield", "subscribers=16 burst=1024 capacity=8192 batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, batched, flush 16", "subscribers=4 burst=1024 capacity=8192 batched=1 epoch_yield=0 flush=16", kFull},
    Case{"bus_publish", "1024 to 4, batched, flush 32", "subscribers=4 burst=1024 capacity=8192 batched=1 epoch_yield=0 flush=32", kFull},
    Case{"bus_publish", "1024 to 4, batched, flush 64", "subscribers=4 burst=1024 capacity=8192 batched=1 epoch_yield=0 flush=64", kFull},
    Case{"bus_publish", "1024 to 4, batched, flush 128", "subscribers=4 burst=1024 capacity=8192 batched=1 epoch_yield=0 flush=128", kFull},
    Case{"bus_publish", "1024 to 4, batched, flush 256", "subscribers=4 burst=1024 capacity=8192 batched=1 epoch_yield=0 flush=256", kFull},
    Case{"bus_publish", "512 to 4, mode batched", "subscribers=4 burst=512 capacity=4096 mode=batched epoch_yield=0", kQuick},
    Case{"bus_publish", "512 to 4, mode batched, publish_many", "subscribers=4 burst=512 capacity=4096 mode=batched batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, mode edge", "subscribers=4 burst=512 capacity=4096 mode=edge epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, mode edge-batched", "subscribers=4 burst=512 capacity=4096 mode=edge-batched epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, mode edge-batched, publish_many", "subscribers=4 burst=512 capacity=4096 mode=edge-batched batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, mode batched, yield", "subscribers=4 burst=512 capacity=4096 mode=batched epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, mode batched, publish_many, yield", "subscribers=4 burst=512 capacity=4096 mode=batched batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, mode edge, yield", "subscribers=4 burst=512 capacity=4096 mode=edge epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, mode edge-batched, yield", "subscribers=4 burst=512 capacity=4096 mode=edge-batched epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, mode edge-batched, publish_many, yield", "subscribers=4 burst=512 capacity=4096 mode=edge-batched batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode classic", "subscribers=4 burst=512 capacity=8192 mode=classic epoch_yield=0", kQuick},
    Case{"bus_publish", "512 to 4, capacity 8192, mode batched", "subscribers=4 burst=512 capacity=8192 mode=batched epoch_yield=0", kQuick},
    Case{"bus_publish", "512 to 4, capacity 8192, mode batched, publish_many", "subscribers=4 burst=512 capacity=8192 mode=batched batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode edge", "subscribers=4 burst=512 capacity=8192 mode=edge epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode edge-batched", "subscribers=4 burst=512 capacity=8192 mode=edge-batched epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode edge-batched, publish_many", "subscribers=4 burst=512 capacity=8192 mode=edge-batched batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode classic, yield", "subscribers=4 burst=512 capacity=8192 mode=classic epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode batched, yield", "subscribers=4 burst=512 capacity=8192 mode=batched epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode batched, publish_many, yield", "subscribers=4 burst=512 capacity=8192 mode=batched batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode edge, yield", "subscribers=4 burst=512 capacity=8192 mode=edge epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode edge-batched, yield", "subscribers=4 burst=512 capacity=8192 mode=edge-batched epoch_yield=1", kFull},
    Case{"bus_publish", "512 to 4, capacity 8192, mode edge-batched, publish_many, yield", "subscribers=4 burst=512 capacity=8192 mode=edge-batched batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode classic", "subscribers=4 burst=1024 capacity=4096 mode=classic epoch_yield=0", kQuick},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode batched", "subscribers=4 burst=1024 capacity=4096 mode=batched epoch_yield=0", kQuick},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode batched, publish_many", "subscribers=4 burst=1024 capacity=4096 mode=batched batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode edge", "subscribers=4 burst=1024 capacity=4096 mode=edge epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode edge-batched", "subscribers=4 burst=1024 capacity=4096 mode=edge-batched epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode edge-batched, publish_many", "subscribers=4 burst=1024 capacity=4096 mode=edge-batched batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode classic, yield", "subscribers=4 burst=1024 capacity=4096 mode=classic epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode batched, yield", "subscribers=4 burst=1024 capacity=4096 mode=batched epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode batched, publish_many, yield", "subscribers=4 burst=1024 capacity=4096 mode=batched batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode edge, yield", "subscribers=4 burst=1024 capacity=4096 mode=edge epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode edge-batched, yield", "subscribers=4 burst=1024 capacity=4096 mode=edge-batched epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, capacity 4096, mode edge-batched, publish_many, yield", "subscribers=4 burst=1024 capacity=4096 mode=edge-batched batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, mode batched", "subscribers=4 burst=1024 capacity=8192 mode=batched epoch_yield=0", kQuick},
    Case{"bus_publish", "1024 to 4, mode batched, publish_many", "subscribers=4 burst=1024 capacity=8192 mode=batched batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, mode edge", "subscribers=4 burst=1024 capacity=8192 mode=edge epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, mode edge-batched", "subscribers=4 burst=1024 capacity=8192 mode=edge-batched epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, mode edge-batched, publish_many", "subscribers=4 burst=1024 capacity=8192 mode=edge-batched batched=1 epoch_yield=0", kFull},
    Case{"bus_publish", "1024 to 4, mode batched, yield", "subscribers=4 burst=1024 capacity=8192 mode=batched epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, mode batched, publish_many, yield", "subscribers=4 burst=1024 capacity=8192 mode=batched batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, mode edge, yield", "subscribers=4 burst=1024 capacity=8192 mode=edge epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, mode edge-batched, yield", "subscribers=4 burst=1024 capacity=8192 mode=edge-batched epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, mode edge-batched, publish_many, yield", "subscribers=4 burst=1024 capacity=8192 mode=edge-batched batched=1 epoch_yield=1", kFull},
    Case{"bus_publish", "1024 to 4, mode batched, flush 16", "subscribers=4 burst=1024 capacity=8192 mode=batched epoch_yield=0 flush=16", kFull},
    Case{"bus_publish", "1024 to 4, mode batched, flush 32", "subscribers=4 burst=1024 capacity=8192 mode=batched epoch_yield=0 flush=32", kFull},
    Case{"bus_publish", "1024 to 4, mode batched, flush 128", "subscribers=4 burst=1024 capacity=8192 mode=batched epoch_yield=0 flush=128", kFull},
    Case{"bus_publish", "1024 to 4, mode batched, flush 256", "subscribers=4 burst=1024 capacity=8192 mode=batched epoch_yield=0 flush=256", kFull},

    Case{"ab_compare", "1 subscriber, capacity 64", "subscribers=1 capacity=64", kQuick},
    Case{"ab_compare", "1 subscriber, capacity 1024", "subscribers=1 capacity=1024", kQuick},
    Case{"ab_compare", "8 subscribers, capacity 64", "subscribers=8 capacity=64", kQuick},
    Case{"ab_compare", "8 subscribers, capacity 1024", "subscribers=8 capacity=1024", kQuick},
    Case{"ab_compare", "16 subscribers, capacity 64", "subscribers=16 capacity=64", kQuick},
    Case{"ab_compare", "16 subscribers, capacity 1024", "subscribers=16 capacity=1024", kQuick},

    Case{"gated", "1x1 one by one", "publishers=1 subscribers=1 batch=1 capacity=1024", kQuick},
    Case{"gated", "1x1 one by one, capacity 64", "publishers=1 subscribers=1 batch=1 capacity=64", kFull},
    Case{"gated", "1x1 batches of 16", "publishers=1 subscribers=1 batch=16 capacity=1024", kQuick},
    Case{"gated", "1x1 batches of 64", "publishers=1 subscribers=1 batch=64 capacity=1024", kQuick},
    Case{"gated", "1x1 batches of 64, capacity 65536", "publishers=1 subscribers=1 batch=64 capacity=65536", kFull},
    Case{"gated", "1x3 one by one", "publishers=1 subscribers=3 batch=1 capacity=1024", kQuick},
    Case{"gated", "1x3 one by one, capacity 64", "publishers=1 subscribers=3 batch=1 capacity=64", kFull},
    Case{"gated", "1x3 batches of 16", "publishers=1 subscribers=3 batch=16 capacity=1024", kFull},
    Case{"gated", "1x3 batches of 64", "publishers=1 subscribers=3 batch=64 capacity=1024", kFull},
    Case{"gated", "1x3 batches of 64, capacity 65536", "publishers=1 subscribers=3 batch=64 capacity=65536", kFull},
    Case{"gated", "3x1 one by one", "publishers=3 subscribers=1 batch=1 capacity=1024", kQuick},
    Case{"gated", "3x1 one by one, capacity 64", "publishers=3 subscribers=1 batch=1 capacity=64", kFull},
    Case{"gated", "3x1 batches of 16", "publishers=3 subscribers=1 batch=16 capacity=1024", kFull},
    Case{"gated", "3x1 batches of 64", "publishers=3 subscribers=1 batch=64 capacity=1024", kFull},
    Case{"gated", "3x1 batches of 64, capacity 65536", "publishers=3 subscribers=1 batch=64 capacity=65536", kFull},
    Case{"gated", "4x8 one by one", "publishers=4 subscribers=8 batch=1 capacity=1024", kQuick},
    Case{"gated", "4x8 one by one, capacity 64", "publishers=4 subscribers=8 batch=1 capacity=64", kFull},
    Case{"gated", "4x8 batches of 16", "publishers=4 subscribers=8 batch=16 capacity=1024", kFull},
    Case{"gated", "4x8 batches of 64", "publishers=4 subscribers=8 batch=64 capacity=1024", kFull},
    Case{"gated", "4x8 batches of 64, capacity 65536", "publishers=4 subscribers=8 batch=64 capacity=65536", kFull},

    Case{"fanout_scaling", "1 idle", "kind=idle subscribers=1", kQuick},
    Case{"fanout_scaling", "4 idle", "kind=idle subscribers=4", kFull},
    Case{"fanout_scaling", "16 idle", "kind=idle subscribers=16", kQuick},
    Case{"fanout_scaling", "64 idle", "kind=idle subscribers=64", kFull},
    Case{"fanout_scaling", "256 idle", "kind=idle subscribers=256", kFull},
    Case{"fanout_scaling", "1024 idle", "kind=idle subscribers=1024", kQuick},
    Case{"fanout_scaling", "1 draining", "kind=draining subscribers=1 publishers=1", kQuick},
    Case{"fanout_scaling", "2 draining", "kind=draining subscribers=2 publishers=1", kFull},
    Case{"fanout_scaling", "4 draining", "kind=draining subscribers=4 publishers=1", kFull},
    Case{"fanout_scaling", "8 draining", "kind=draining subscribers=8 publishers=1", kQuick},
    Case{"fanout_scaling", "16 draining", "kind=draining subscribers=16 publishers=1", kFull},
    Case{"fanout_scaling", "32 draining", "kind=draining subscribers=32 publishers=1", kQuick},
    Case{"fanout_scaling", "4 publishers, 8 draining", "kind=draining subscribers=8 publishers=4", kQuick},
    Case{"fanout_scaling", "churn at 100 Hz", "kind=churn subscribers=0 churn_hz=100", kFull},
    Case{"fanout_scaling", "churn at full speed", "kind=churn subscribers=0 churn_hz=0", kQuick},
    Case{"fanout_scaling", "1 publisher", "kind=publishers subscribers=1 publishers=1", kFull},
    Case{"fanout_scaling", "2 publishers", "kind=publishers subscribers=1 publishers=2", kQuick},
    Case{"fanout_scaling", "4 publishers", "kind=publishers subscribers=1 publishers=4", kFull},
    Case{"fanout_scaling", "8 publishers", "kind=publishers subscribers=1 publishers=8", kQuick},

    Case{"payloads", "u64", "payload=u64", kQuick},
    Case{"payloads", "64 bytes", "payload=bytes64", kFull},
    Case{"payloads", "1024 bytes", "payload=bytes1024", kQuick},
    Case{"payloads", "event with strings", "payload=event", kQuick},
    Case{"payloads", "shared 64 KiB", "payload=shared64k", kQuick},

    Case{"construct", "capacity 256", "capacity=256", kQuick},

    Case{"floors", "xadd", "floor=xadd", kQuick},
    Case{"floors", "store", "floor=store", kQuick},
    Case{"floors", "fence", "floor=fence", kQuick},
    Case{"floors", "line round trip", "floor=line_round_trip", kQuick},
    Case{"floors", "one way line, every 10 us", "floor=one_way_line interval_us=10", kQuick},
    Case{"floors", "one way line, every 100 us", "floor=one_way_line interval_us=100", kFull},
    Case{"floors", "futex wake, every 10 us", "floor=futex_wake interval_us=10", kFull},
    Case{"floors", "futex wake, every 100 us", "floor=futex_wake interval_us=100", kQuick},
    Case{"floors", "one way ring, one by one", "floor=one_way_ring batch=1", kQuick},
    Case{"floors", "one way ring, batches of 64", "floor=one_way_ring batch=64", kQuick},
    Case{"floors", "membarrier", "floor=membarrier", kQuick},
    Case{"floors", "clock", "floor=clock", kQuick},
    Case{"floors", "harness", "floor=harness", kQuick},
};
// clang-format on

}  // namespace

std::span<const Case> plan() { return kPlan; }

std::vector<std::string_view> workloads_of(std::span<const Case> cases) {
  std::vector<std::string_view> names;
  for (const Case& entry : cases) {
    if (names.empty() || names.back() != entry.workload) names.push_back(entry.workload);
  }
  return names;
}

bool always_pinned(const Case& entry) { return entry.parameters.contains("interval_us="); }

std::vector<Parameter> parameters_of(const Case& entry) {
  std::vector<Parameter> parameters;
  std::string_view rest = entry.parameters;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const std::size_t equals = word.find('=');
    parameters.push_back({.name = std::string{word.substr(0, equals)},
                          .value = std::string{word.substr(equals + 1)}});
  }
  return parameters;
}

}  // namespace ron::cli::bench
