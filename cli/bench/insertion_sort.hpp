// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <ranges>

namespace ron::cli::bench {

/// Sorts a short list; equal elements keep their order. In place of std::ranges::stable_sort, which
/// in libstdc++ 12 calls std::get_temporary_buffer: deprecated, hence an error for clang 19.
template <std::ranges::random_access_range Range, typename Less = std::ranges::less,
          typename Projection = std::identity>
void insertion_sort(Range& range, Less less = {}, Projection projection = {}) {
  const auto first = std::ranges::begin(range);
  for (auto next = first; next != std::ranges::end(range); ++next) {
    const auto place = std::ranges::upper_bound(first, next, std::invoke(projection, *next),
                                                std::ref(less), std::ref(projection));
    std::ranges::rotate(place, next, std::next(next));
  }
}

}  // namespace ron::cli::bench
