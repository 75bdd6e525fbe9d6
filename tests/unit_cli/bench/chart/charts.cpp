// SPDX-License-Identifier: MIT OR Apache-2.0
#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/bench/chart/bars.hpp"
#include "cli/bench/chart/bullet.hpp"
#include "cli/bench/chart/lines.hpp"
#include "cli/bench/chart/text_width.hpp"

namespace ron::cli::bench::chart {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Bar bar(std::string name, double median) {
  return {.name = std::move(name),
          .look = Look::Rival,
          .spread = {.median = median, .q1 = median, .q3 = median, .min = median, .max = median},
          .lost_share = {}};
}

BarChart times(std::vector<Bar> bars) {
  return {.quantity = "time per publish",
          .unit = Unit::Time,
          .less_is_better = true,
          .bars = std::move(bars),
          .references = {}};
}

/// Whether the words stand in the text in that order.
testing::AssertionResult in_order(const std::string& text,
                                  std::initializer_list<const char*> words) {
  std::size_t at = 0;
  for (const char* word : words) {
    const std::size_t found = text.find(word, at);
    if (found == std::string::npos) {
      return testing::AssertionFailure()
             << "'" << word << "' is not where it should be in " << text;
    }
    at = found;
  }
  return testing::AssertionSuccess();
}

TEST(Bars, the_best_is_first) {
  BarChart chart = times({bar("slow", 9), bar("quick", 1), bar("middle", 4)});
  EXPECT_TRUE(in_order(draw(chart).markup, {">quick<", ">middle<", ">slow<"}));
  EXPECT_TRUE(in_order(described(chart), {"less is better", "quick", "middle", "slow"}));
  chart.less_is_better = false;
  EXPECT_TRUE(in_order(draw(chart).markup, {">slow<", ">middle<", ">quick<"}));
}

TEST(Bars, say_when_the_scale_is_logarithmic) {
  EXPECT_THAT(draw(times({bar("a", 1), bar("b", 29)})).markup, Not(HasSubstr("log scale")));
  EXPECT_THAT(draw(times({bar("a", 1), bar("b", 31)})).markup, HasSubstr("log scale"));
}

TEST(Bars, a_loss_is_written_and_drawn_beside_the_rate) {
  BarChart chart = times({bar("leaky", 1), bar("tight", 2)});
  EXPECT_THAT(draw(chart).markup, Not(HasSubstr("lost")));
  chart.bars[0].lost_share = 0.9996;
  chart.bars[1].lost_share = 0;
  EXPECT_THAT(draw(chart).markup,
              AllOf(HasSubstr(">99.96\u00a0%<"), HasSubstr("lost-part"), HasSubstr(">0\u00a0%<")));
  EXPECT_THAT(described(chart), HasSubstr("leaky: 1.00\u00a0ns, 99.96\u00a0% lost"));
}

TEST(Bars, a_reference_has_a_name_and_a_line) {
  BarChart chart = times({bar("a", 3)});
  chart.references = {{.name = "lock xadd", .value = 2}};
  EXPECT_THAT(draw(chart).markup,
              AllOf(HasSubstr(">lock xadd 2.00\u00a0ns<"), HasSubstr("class=\"reference\"")));
}

TEST(Bars, say_what_is_no_broadcast) {
  BarChart chart = times({bar("queue", 3)});
  EXPECT_THAT(draw(chart).markup, Not(HasSubstr("†")));
  chart.bars[0].look = Look::Shared;
  EXPECT_THAT(draw(chart).markup,
              AllOf(HasSubstr(">queue †<"), HasSubstr("† each message goes to one receiver")));
}

TEST(Bars, names_are_escaped) {
  EXPECT_THAT(draw(times({bar("a<b>", 3)})).markup,
              AllOf(HasSubstr("a&lt;b&gt;"), Not(HasSubstr("<b>"))));
}

LineChart two_lines() {
  const auto line = [](std::string name, Stroke stroke, double first, double last) {
    return Line{
        .name = std::move(name),
        .stroke = stroke,
        .color = 3,
        .points = {{.x = doubling_at(1), .spread = {.median = first, .q1 = first, .q3 = first}},
                   {.x = doubling_at(8), .spread = {.median = last, .q1 = last, .q3 = last}}}};
  };
  return {.quantity = "time per publish",
          .unit = Unit::Time,
          .less_is_better = true,
          .x_title = "subscribers",
          .ticks = doubling(std::array{1.0, 8.0}),
          .lines = {line("rival", Stroke::Rival, 5, 6), line("ron-bus", Stroke::Ours, 7, 8)},
          .logarithmic = false};
}

TEST(Lines, have_their_axis_and_a_legend_led_by_ours) {
  const std::string markup = draw(two_lines()).markup;
  EXPECT_TRUE(in_order(markup, {">1<", ">8<", ">subscribers<", ">ron-bus<", ">rival<"}));
  EXPECT_THAT(markup, Not(HasSubstr("log scale")));
}

TEST(Lines, can_be_logarithmic_at_will) {
  LineChart chart = two_lines();
  chart.logarithmic = true;
  EXPECT_THAT(draw(chart).markup, HasSubstr("log scale"));
}

TEST(Lines, shares_are_never_logarithmic) {
  LineChart chart = two_lines();
  chart.unit = Unit::Share;
  chart.lines[0].points[0].spread.median = 0.0001;
  EXPECT_THAT(draw(chart).markup, Not(HasSubstr("log scale")));
}

TEST(Lines, each_doubling_takes_the_same_way) {
  EXPECT_DOUBLE_EQ(doubling_at(8) - doubling_at(4), doubling_at(2) - doubling_at(1));
}

TEST(Bullet, is_met_at_its_aim) {
  EXPECT_THAT(draw_bullet(1, 100).markup, HasSubstr("bullet-met"));
  EXPECT_THAT(draw_bullet(0.99, 100).markup, HasSubstr("bullet-missed"));
}

TEST(Bullet, stays_within_its_width) {
  EXPECT_THAT(draw_bullet(1e6, 100).markup, HasSubstr("x=\"50\" y=\"3\" width=\"50\""));
  EXPECT_THAT(draw_bullet(1e-6, 100).markup, HasSubstr("x=\"0\" y=\"3\" width=\"50\""));
}

TEST(TextWidth, counts_characters_and_not_bytes) {
  EXPECT_DOUBLE_EQ(text_width("µ", 10), text_width("u", 10));
}

TEST(TextWidth, lines_are_broken_at_blanks) {
  EXPECT_THAT(wrapped("one two three", 10, text_width("one two", 10)),
              ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("indivisible", 10, 1), ElementsAre("indivisible"));
}

}  // namespace
}  // namespace ron::cli::bench::chart
