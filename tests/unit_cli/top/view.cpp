// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/top/view.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cli/text_columns.hpp"

namespace ron::cli::top {
namespace {

using Kind = Key::Kind;

TEST(TopKeys, sequences_of_a_terminal_are_told_from_text) {
  EXPECT_EQ(keys_in("q\x1b[A\x1bOB\x1b[5~\x1b[6~"), (std::vector<Key>{{.text = 'q'},
                                                                      {.kind = Kind::Up},
                                                                      {.kind = Kind::Down},
                                                                      {.kind = Kind::PageUp},
                                                                      {.kind = Kind::PageDown}}));
  EXPECT_EQ(keys_in("\x1b"), std::vector<Key>{{.kind = Kind::Escape}});
  EXPECT_EQ(keys_in("\r\x7f"),
            (std::vector<Key>{{.kind = Kind::Enter}, {.kind = Kind::Backspace}}));
  // What has no meaning leaves nothing behind, whole or cut off.
  EXPECT_TRUE(keys_in("\x1b[1;5C\x1bOP\x1b[15~\t\x1b[1;").empty());
}

/// A bus with so many subscribers, each further behind than the one before.
watch::Watch watch_with(std::size_t subscribers) {
  watch::BusReading bus;
  bus.name = "bus";
  bus.capacity = 100;
  for (std::size_t i = 0; i < subscribers; ++i) {
    bus.subscribers.push_back({.name = "s" + std::to_string(i), .behind = i});
  }
  watch::Watch watch;
  watch.take({bus}, watch::Watch::Clock::time_point{});
  return watch;
}

std::string without_styles(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      i = line.find('m', i);
    } else {
      text += line[i];
    }
  }
  return text;
}

class TopView : public testing::Test {
 protected:
  std::vector<std::string> screen(TerminalSize size = {.columns = 80, .rows = 10},
                                  const std::string& trouble = "") {
    std::vector<std::string> lines =
        view_.screen(watch_, {.title = "title", .trouble = trouble}, size, true);
    for (std::string& line : lines) line = without_styles(line);
    return lines;
  }
  void press(std::string_view keys) {
    for (const Key key : keys_in(keys)) EXPECT_TRUE(view_.press(key));
  }

  watch::Watch watch_ = watch_with(20);
  View view_{watch::Sort::Lag, ""};
};

TEST_F(TopView, fills_any_screen_exactly) {
  for (const std::size_t columns : {1U, 10U, 40U, 60U, 80U, 200U}) {
    for (const std::size_t rows : {4U, 5U, 10U, 100U}) {
      const auto lines = screen({.columns = columns, .rows = rows}, "trouble");
      EXPECT_EQ(lines.size(), rows);
      for (const std::string& line : lines) EXPECT_LE(columns_of(line), columns) << line;
    }
  }
}

TEST_F(TopView, scrolls_as_far_as_there_are_lines_under_a_fixed_heading) {
  EXPECT_TRUE(screen()[2].starts_with("bus "));
  EXPECT_TRUE(screen()[4].starts_with("  s19 "));
  press("jj\x1b[B");
  EXPECT_TRUE(screen()[1].starts_with("NAME "));
  EXPECT_TRUE(screen()[2].starts_with("  s18 "));
  for (int i = 0; i < 100; ++i) press("j");
  EXPECT_TRUE(screen()[8].starts_with("  s0 "));
  press("k");
  EXPECT_TRUE(screen()[8].starts_with("  s1 "));
  press("\x1b[5~\x1b[5~\x1b[5~\x1b[5~");
  EXPECT_TRUE(screen()[2].starts_with("bus "));
}

TEST_F(TopView, a_filter_is_typed_and_cleared) {
  press(
      "/s7\x7f"
      "3");
  EXPECT_EQ(screen()[9].substr(0, 11), "filter: s3_");
  EXPECT_TRUE(screen()[4].starts_with("  s3 "));
  EXPECT_TRUE(screen()[5].empty());
  press("\r");
  EXPECT_NE(screen()[9].find("/ filter: s3"), std::string::npos);
  press("/nobody\r");
  EXPECT_EQ(screen()[2], "no bus or subscriber by that name");
  press("\x1b");
  EXPECT_TRUE(screen()[4].starts_with("  s19 "));
}

TEST_F(TopView, an_order_is_chosen_by_key) {
  press("n");
  EXPECT_TRUE(screen()[4].starts_with("  s0 "));
  EXPECT_NE(screen()[9].find("sort: name"), std::string::npos);
  press("s");
  EXPECT_NE(screen()[9].find("sort: lag"), std::string::npos);
}

TEST_F(TopView, trouble_is_said_without_hiding_what_was_known) {
  const auto lines = screen({.columns = 80, .rows = 10}, "waiting for\x1b[2J x");
  EXPECT_EQ(lines[1].substr(0, 17), "waiting for?[2J x");
  EXPECT_TRUE(lines[3].starts_with("bus "));
}

TEST_F(TopView, only_q_ends_it_and_not_within_a_filter) {
  press("/q\r");
  press("xQ");
  EXPECT_FALSE(view_.press({.text = 'q'}));
}

}  // namespace
}  // namespace ron::cli::top
