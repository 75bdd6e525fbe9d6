// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/bench/chart/markup.hpp"

#include <gtest/gtest.h>

namespace ron::cli::bench::chart {
namespace {

TEST(Markup, escapes_what_has_a_meaning_in_xml) {
  EXPECT_EQ(escaped("a < b && c > \"d\" 'e'"),
            "a &lt; b &amp;&amp; c &gt; &quot;d&quot; &#39;e&#39;");
  EXPECT_EQ(escaped("10 µs\n"), "10 µs\n");
  EXPECT_EQ(escaped("a\x01z"), "a\uFFFDz");
}

TEST(Markup, escapes_text_and_attributes_of_elements) {
  Markup markup;
  markup.open("g", {{"class", "a\"b"}});
  markup.text(1, 2.25, Anchor::End, "", "<script>");
  markup.close();
  EXPECT_EQ(
      markup.take(),
      "<g class=\"a&quot;b\"><text x=\"1\" y=\"2.3\" text-anchor=\"end\">&lt;script&gt;</text>"
      "</g>");
}

TEST(Markup, leaves_out_empty_attributes) {
  Markup markup;
  markup.leaf("rect", {{"class", ""}, {"x", 0}});
  EXPECT_EQ(markup.take(), "<rect x=\"0\"/>");
}

TEST(Markup, lengths_have_one_decimal_at_most) {
  EXPECT_EQ(length(12), "12");
  EXPECT_EQ(length(12.34), "12.3");
  EXPECT_EQ(length(-0.01), "0");
  EXPECT_EQ(length(1234.56), "1234.6");
}

}  // namespace
}  // namespace ron::cli::bench::chart
