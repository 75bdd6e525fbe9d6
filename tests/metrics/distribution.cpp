// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <ronbus/distribution.hpp>
#include <ronbus/flavor/histogram.hpp>

namespace ron::test {
namespace {

TEST(DistributionTest, buckets_follow_each_other_without_gap_or_overlap) {
  EXPECT_EQ(Distribution::lowest_of(0), 0U);
  for (std::size_t bucket = 0; bucket + 1 < Distribution::kBuckets; ++bucket) {
    ASSERT_EQ(Distribution::highest_of(bucket) + 1, Distribution::lowest_of(bucket + 1));
    ASSERT_EQ(Distribution::bucket_of(Distribution::lowest_of(bucket)), bucket);
    ASSERT_EQ(Distribution::bucket_of(Distribution::highest_of(bucket)), bucket);
  }
  EXPECT_EQ(Distribution::bucket_of(~std::uint64_t{0}), Distribution::kBuckets - 1);
}

TEST(DistributionTest, nothing_recorded_is_told_as_zero) {
  const Distribution none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.quantile(0.5) + none.max() + none.sum() + none.count_up_to(1000), 0U);
  EXPECT_TRUE(flavor::Histogram{}.distribution().empty());
}

/// Values whose magnitudes are spread as those of latencies are.
std::vector<std::uint64_t> latencies(std::size_t count) {
  std::mt19937_64 random{7};
  std::lognormal_distribution<double> spread{6.0, 2.0};
  std::vector<std::uint64_t> values(count);
  for (std::uint64_t& value : values) value = static_cast<std::uint64_t>(spread(random));
  return values;
}

Distribution distribution_of(const std::vector<std::uint64_t>& values) {
  flavor::Histogram histogram;
  for (const std::uint64_t value : values) histogram.record(value);
  return histogram.distribution();
}

TEST(DistributionTest, quantiles_are_true_to_a_part_in_32) {
  std::vector<std::uint64_t> values = latencies(20000);
  const Distribution distribution = distribution_of(values);
  std::ranges::sort(values);
  for (const double part : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
    const auto truth = static_cast<double>(values[rank]);
    EXPECT_NEAR(static_cast<double>(distribution.quantile(part)), truth, truth / 32) << part;
  }
  EXPECT_GE(distribution.max(), values.back());
  EXPECT_LE(distribution.max(), values.back() + values.back() / 16);
}

TEST(DistributionTest, counts_and_sums_are_exact) {
  const std::vector<std::uint64_t> values = latencies(5000);
  const Distribution distribution = distribution_of(values);
  EXPECT_EQ(distribution.count(), values.size());
  std::uint64_t sum = 0;
  for (const std::uint64_t value : values) sum += value;
  EXPECT_EQ(distribution.sum(), sum);
  for (unsigned bits = 0; bits <= 40; ++bits) {
    const std::uint64_t bound = (std::uint64_t{1} << bits) - 1;
    const auto below = std::ranges::count_if(values, [&](auto value) { return value <= bound; });
    ASSERT_EQ(distribution.count_up_to(bound), static_cast<std::uint64_t>(below)) << bits;
  }
}

TEST(DistributionTest, one_in_64_tells_the_ranks_of_all_to_four_standard_errors) {
  const std::vector<std::uint64_t> all = latencies(64 * 4096);
  flavor::Histogram sampled;
  for (std::size_t i = 0; i < all.size(); i += 64) sampled.record(all[i]);
  const Distribution samples = sampled.distribution();
  const auto count = static_cast<double>(samples.count());
  for (const double part : {0.5, 0.9, 0.99}) {
    // Where the sampled quantile really stands among all, give or take its bucket.
    const std::uint64_t told = samples.quantile(part);
    const auto rank_of = [&](std::uint64_t bound) {
      const auto below = std::ranges::count_if(all, [&](auto value) { return value <= bound; });
      return static_cast<double>(below) / static_cast<double>(all.size());
    };
    const double error = 4 * std::sqrt(part * (1 - part) / count);
    EXPECT_LE(rank_of(told - told / 16), part + error) << part;
    EXPECT_GE(rank_of(told + told / 16), part - error) << part;
  }
}

}  // namespace
}  // namespace ron::test
