// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/top/exposition.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ron::cli::top {
namespace {

constexpr std::string_view kText =
    "# HELP ron_bus_publish_total What a \"bus\" {published\n"
    "# TYPE ron_bus_publish_total counter\n"
    "\n"
    "ron_bus_publish_total{bus=\"a\",mode=\"edge-batched\"} 17\n"
    "plain 1.5 1700000000000\n"
    "  spaced { a = \"1\" , b=\"2\", }\t+Inf\t-3 \n"
    "escaped{x=\"a\\\\b\\\"c\\nd}{,\"} -1e3\n"
    "none{} NaN\n";

TEST(Exposition, every_sample_has_its_name_labels_value_and_line) {
  const auto samples = samples_in(kText);
  ASSERT_TRUE(samples.has_value()) << samples.error();
  ASSERT_EQ(samples->size(), 5U);
  const Sample& first = samples->at(0);
  EXPECT_EQ(first.name, "ron_bus_publish_total");
  EXPECT_EQ(first.line, 4U);
  EXPECT_EQ(first.value, 17);
  ASSERT_NE(first.label("mode"), nullptr);
  EXPECT_EQ(*first.label("mode"), "edge-batched");
  EXPECT_EQ(first.label("subscriber"), nullptr);
  EXPECT_EQ(samples->at(1).value, 1.5);
  EXPECT_TRUE(std::isinf(samples->at(2).value));
  EXPECT_EQ(*samples->at(2).label("b"), "2");
  EXPECT_EQ(*samples->at(3).label("x"), "a\\b\"c\nd}{,");
  EXPECT_EQ(samples->at(3).value, -1000);
  EXPECT_TRUE(std::isnan(samples->at(4).value));
}

TEST(Exposition, an_error_names_the_line_and_what_is_wrong_with_it) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  constexpr Case kCases[] = {
      {"a 1\n<html>\n", "line 2: '<html>' is where the name of a metric should be"},
      {"9lives 1\n", "line 1: '9lives 1' is where the name of a metric should be"},
      {"a\n", "line 1: it ends where a number should be"},
      {"a b\n", "line 1: 'b' is where a number should be"},
      {"a 1e999\n", "line 1: '1e999' is where a number should be"},
      {"a +-1\n", "line 1: '+-1' is where a number should be"},
      {"a 0x10\n", "line 1: '0x10' is where a number should be"},
      {"a 1 2.5\n", "line 1: '2.5' is where the end of the line or a timestamp should be"},
      {"a 1 2 3\n", "line 1: '3' is where the end of the line should be"},
      {"a{b=\"1\"} \n", "line 1: it ends where a number should be"},
      {"a{b=\"1\n", "line 1: the value of a label has no closing quote"},
      {"a{b=\"1\\\n", "line 1: '\\' is where one of \\\\, \\\" and \\n should be"},
      {"a{b=\"\\t\"} 1\n", "line 1: '\\t\"} 1' is where one of \\\\, \\\" and \\n should be"},
      {"a{b} 1\n", "line 1: '} 1' is where '=' should be"},
      {"a{b=1} 1\n", "line 1: '1} 1' is where '\"' should be"},
      {"a{b=\"1\" c=\"2\"} 1\n", "line 1: 'c=\"2\"} 1' is where ',' or '}' should be"},
      {"a{,} 1\n", "line 1: ',} 1' is where the name of a label or '}' should be"},
      {"a{b=\"1\",b=\"2\"} 1\n", "line 1: it has the label b twice"},
      {"a 1\r\n", "line 1: '1?' is where a number should be"},
      {"a 1\nb 12", "line 2: the text ends within it"},
      {"a \x1b[2J12345678901234567890\n",
       "line 1: '?[2J1234567890123456...' is where a number should be"},
  };
  for (const auto& [text, error] : kCases) {
    const auto samples = samples_in(text);
    ASSERT_FALSE(samples.has_value()) << text;
    EXPECT_EQ(samples.error(), error);
  }
}

TEST(Exposition, no_text_is_no_sample) {
  EXPECT_TRUE(samples_in("")->empty());
  EXPECT_TRUE(samples_in("\n\n# EOF\n")->empty());
}

/// Whatever becomes of a text, it is read or refused with the number of one of its lines.
TEST(Exposition, garbled_texts_are_read_or_refused) {
  std::minstd_rand random{7};
  constexpr std::string_view kBytes{"{}\",=\\ \n#+-.eNaIf019_:\0\x80\xff", 27};
  for (int round = 0; round < 20'000; ++round) {
    std::string text{kText};
    for (int changes = 0; changes < 3; ++changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.insert(at, 1, kBytes[random() % kBytes.size()]);
          break;
        default:
          text.erase(at, random() % 8 + 1);
      }
    }
    const auto samples = samples_in(text);
    if (!samples) {
      ASSERT_TRUE(samples.error().starts_with("line ")) << samples.error();
    }
  }
}

}  // namespace
}  // namespace ron::cli::top
