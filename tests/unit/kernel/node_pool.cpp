// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/kernel/node_pool.hpp"

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/kernel/registry.hpp>

namespace ron::kernel {
namespace {

struct alignas(64) Node {
  std::uint64_t value = 0;
};

TEST(NodePool, grows_chunk_by_chunk_and_keeps_every_node_where_it_is) {
  NodePool<Node> pool{5, 2, 1000};
  std::vector<Node*> nodes;
  for (NodeIndex index = 0; index < 1000; ++index) {
    ASSERT_EQ(pool.take(1), index);
    nodes.push_back(&pool[index]);
    pool[index].value = index;
  }
  EXPECT_EQ(pool.take(1), std::nullopt);
  EXPECT_EQ(std::set(nodes.begin(), nodes.end()).size(), 1000U);
  for (NodeIndex index = 0; index < 1000; ++index) {
    ASSERT_EQ(&pool[index], nodes[index]);
    ASSERT_EQ(pool[index].value, index);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(nodes[index]) % 64, 0U);
  }
}

TEST(NodePool, takes_runs_across_chunks_and_refuses_what_exceeds_the_limit) {
  NodePool<Node> pool{4, 4, 100};
  EXPECT_EQ(pool.take(3), 0U);
  EXPECT_EQ(pool.take(50), 3U);
  pool[3].value = 1;
  pool[52].value = 2;
  EXPECT_EQ(pool.take(48), std::nullopt);
  EXPECT_EQ(pool.take(47), 53U);
  pool[99].value = 3;
  EXPECT_EQ(pool.take(1), std::nullopt);
}

TEST(NodePool, gives_every_index_to_one_thread_only) {
  constexpr std::size_t kThreads = 4;
  NodePool<Node> pool{2, 2, 4096};
  std::vector<std::vector<NodeIndex>> taken(kThreads);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : taken) {
      threads.emplace_back([&pool, &mine] {
        while (const auto first = pool.take(3)) {
          for (NodeIndex index = *first; index < *first + 3; ++index) {
            pool[index].value = index;
            mine.push_back(index);
          }
        }
      });
    }
  }
  std::set<NodeIndex> all;
  for (const auto& mine : taken) {
    for (const NodeIndex index : mine) {
      EXPECT_TRUE(all.insert(index).second);
      EXPECT_EQ(pool[index].value, index);
    }
  }
  EXPECT_EQ(all.size(), 4095U);
}

struct Entry : RegistryEntry<Entry> {
  int value = 0;
};

std::size_t size_of(const Registry<Entry>& registry) {
  std::size_t size = 0;
  for (const Entry* entry = registry.first(); entry != nullptr; entry = entry->next_entry()) {
    ++size;
  }
  return size;
}

TEST(Registry, gives_a_released_entry_again_before_it_makes_a_new_one) {
  Registry<Entry> registry;
  Entry* first = registry.claim();
  Entry* second = registry.claim();
  ASSERT_NE(first, second);
  first->value = 5;
  registry.release(*first);
  EXPECT_EQ(size_of(registry), 2U) << "stays in the list";
  Entry* again = registry.claim();
  EXPECT_EQ(again, first);
  EXPECT_EQ(again->value, 5);
  EXPECT_EQ(size_of(registry), 2U);
  EXPECT_NE(registry.claim(), nullptr);
  EXPECT_EQ(size_of(registry), 3U);
}

TEST(Registry, never_gives_an_entry_to_two_at_once_and_grows_to_the_most_that_live) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kMine = 3;
  Registry<Entry> registry;
  std::atomic<int> clashes{0};
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int round = 0; round < 500; ++round) {
          std::vector<Entry*> mine;
          for (std::size_t i = 0; i < kMine; ++i) mine.push_back(registry.claim());
          for (Entry* entry : mine) clashes += ++entry->value != 1;
          for (Entry* entry : mine) clashes += --entry->value != 0;
          for (Entry* entry : mine) registry.release(*entry);
        }
      });
    }
  }
  EXPECT_EQ(clashes, 0);
  EXPECT_GE(size_of(registry), kMine);
  EXPECT_LE(size_of(registry), 2 * kThreads * kMine);
}

}  // namespace
}  // namespace ron::kernel
