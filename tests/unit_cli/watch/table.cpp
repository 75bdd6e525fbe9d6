// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/watch/table.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/number_text.hpp"
#include "cli/text_columns.hpp"

namespace ron::cli::watch {
namespace {

using Lines = std::vector<std::string>;

TEST(NumberText, is_short_and_of_three_digits_at_least) {
  EXPECT_EQ(compact(0), "0");
  EXPECT_EQ(compact(0.25), "0.2");
  EXPECT_EQ(compact(9.96), "10");
  EXPECT_EQ(compact(9999), "9999");
  EXPECT_EQ(compact(9999.7), "10.0 k");
  EXPECT_EQ(compact(123456), "123 k");
  EXPECT_EQ(compact(999.6e3), "1.00 M");
  EXPECT_EQ(compact(18446744073709551615.0), "18447 P");
  EXPECT_EQ(grouped(1234567), "1 234 567");
  EXPECT_EQ(grouped(999), "999");
}

TEST(TextColumns, what_steers_a_terminal_is_not_shown) {
  EXPECT_EQ(printable("a\x1b[2Jb\n\x7f"), "a?[2Jb??");
  EXPECT_EQ(printable("\xc2\x9b\xe2\x80\xae"), "??");  // a control character, and right to left
  // No lead, no tail, a surrogate, a form that is too long, a part.
  EXPECT_EQ(printable("\xff|\xc3(|\xed\xa0\x80|\xc0\xaf|\xe2\x82"), "?|?(|\?\?\?|\?\?|\?\?");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f \xe6\xbc\xa2 \xf0\x9f\x9a\x8c"), "grüß 漢 🚌");
}

TEST(TextColumns, wide_characters_are_counted_and_never_cut) {
  EXPECT_EQ(columns_of(std::string_view{"grüß"}), 4U);
  EXPECT_EQ(columns_of(std::string_view{"漢字"}), 4U);
  EXPECT_EQ(fitted("grüß", 3), "grü");
  EXPECT_EQ(fitted("漢字", 3), "漢 ");
  EXPECT_EQ(fitted("a", 3), "a  ");
}

class TableTest : public testing::Test {
 protected:
  TableTest() {
    BusReading bus;
    bus.name = "orders";
    bus.mode = "classic";
    bus.published = 1000;
    bus.capacity = bus.retained = bus.depth = 64;
    bus.publishers = 1;
    bus.subscriber_count = 2;
    bus.subscribers = {{.name = "fast", .received = 1000},
                       {.name = "slow", .behind = 64, .received = 36, .missed = 900}};
    bus.subscribers.push_back({.name = "early", .present = false, .received = 1});
    BusReading other;
    other.name = "idle";
    other.mode = "edge";
    other.closed = true;
    other.refused = 3;
    watch_.take({other, bus}, {});
    bus.published += 50'000;
    bus.subscribers[0].received += 50'000;
    bus.subscribers[1].missed += 50'000;
    watch_.take({other, bus}, Watch::Clock::time_point{} + std::chrono::seconds{1});
  }

  Lines table(const std::string& filter, Sort sort, const TableStyle& style = {}) {
    return table_of(chosen(watch_.buses(), filter, sort), style);
  }

  Watch watch_;
};

TEST_F(TableTest, rows_say_what_was_read) {
  EXPECT_EQ(table("", Sort::Lag),
            (Lines{"NAME             MSG/S    LOST/S      LOST LOST %    BEHIND",
                   "orders          50.0 k    50.0 k    50.9 k   49.9        64",
                   "  classic, 1 publisher, 2 subscribers, 64 of 64 retained",
                   "  slow               0    50.0 k    50.9 k   99.9        64",
                   "  fast          50.0 k         0         0      0         0",
                   "  early              0         0         0      0      gone",
                   "idle                 0         0         0      0         0",
                   "  edge, closed, 0 publishers, 0 subscribers, 0 of 0 retained, 3 refused"}));
}

TEST_F(TableTest, orders_and_filters) {
  const auto names = [&](const std::string& filter, Sort sort) {
    std::string text;
    for (const WatchedBus& bus : chosen(watch_.buses(), filter, sort)) {
      text += bus.now.name + ":";
      for (const WatchedSubscriber& subscriber : bus.subscribers) text += subscriber.now.name + ",";
      text += " ";
    }
    return text;
  };
  EXPECT_EQ(names("", Sort::Lag), "orders:slow,fast,early, idle: ");
  EXPECT_EQ(names("", Sort::Lost), "orders:slow,early,fast, idle: ");
  EXPECT_EQ(names("", Sort::Rate), "orders:fast,early,slow, idle: ");
  EXPECT_EQ(names("", Sort::Name), "idle: orders:early,fast,slow, ");
  EXPECT_EQ(names("ord", Sort::Name), "orders:early,fast,slow, ");
  EXPECT_EQ(names("slo", Sort::Name), "orders:slow, ");
  EXPECT_EQ(names("nobody", Sort::Name), "");
}

TEST_F(TableTest, a_bar_shows_the_last_moments_at_its_right_end) {
  EXPECT_TRUE(table("", Sort::Lag, {.columns = 80, .unicode = true})[3].ends_with(" ██"));
  EXPECT_TRUE(table("", Sort::Lag, {.columns = 80})[3].ends_with(" @@"));
  const std::string coloured = table("", Sort::Lag, {.columns = 80, .colour = true})[3];
  EXPECT_TRUE(coloured.ends_with("@\x1b[31m@\x1b[0m")) << coloured;
}

TEST_F(TableTest, no_line_is_longer_than_the_terminal) {
  for (std::size_t columns = 1; columns < 150; ++columns) {
    for (const std::string& line : table("", Sort::Lag, {.columns = columns, .unicode = true})) {
      EXPECT_LE(columns_of(line), columns) << line;
    }
  }
}

TEST(TableOrder, every_order_has_a_name_and_a_next_one) {
  for (const Sort sort : {Sort::Lag, Sort::Lost, Sort::Rate, Sort::Name}) {
    EXPECT_EQ(sort_named(to_string(sort)), sort);
    EXPECT_EQ(next(next(next(next(sort)))), sort);
  }
  EXPECT_FALSE(sort_named("size").has_value());
}

}  // namespace
}  // namespace ron::cli::watch
