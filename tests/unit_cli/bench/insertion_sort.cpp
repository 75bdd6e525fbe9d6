// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/insertion_sort.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ron::cli::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(BenchInsertionSort, equal_elements_keep_their_order) {
  std::vector<std::pair<int, std::string>> list{{2, "a"}, {1, "b"}, {2, "c"}, {0, "d"}, {1, "e"}};
  insertion_sort(list, {}, &std::pair<int, std::string>::first);
  EXPECT_THAT(list,
              ElementsAre(Pair(0, "d"), Pair(1, "b"), Pair(1, "e"), Pair(2, "a"), Pair(2, "c")));
}

TEST(BenchInsertionSort, order_may_be_another_one) {
  std::vector<int> list{1, 3, 2};
  insertion_sort(list, std::greater{});
  EXPECT_THAT(list, ElementsAre(3, 2, 1));
}

TEST(BenchInsertionSort, nothing_is_sorted) {
  std::vector<int> list;
  insertion_sort(list);
  EXPECT_THAT(list, IsEmpty());
}

}  // namespace
}  // namespace ron::cli::bench
