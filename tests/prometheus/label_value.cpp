// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/label_value.hpp"

#include <gtest/gtest.h>

namespace {

using ron::prometheus::label_value;

TEST(LabelValue, utf_8_stays_as_it_is) {
  for (const char* text :
       {"plain", "a \"quote\" and \\", "\u00fc", "\u20ac", "\uFFFD", "\U0001F600x"}) {
    EXPECT_EQ(label_value(text, "none"), text);
  }
  EXPECT_EQ(label_value("", "none"), "none");
}

TEST(LabelValue, what_is_no_utf_8_is_replaced_byte_by_byte) {
  EXPECT_EQ(label_value("a\xC3", "-"), "a\uFFFD") << "cut off";
  EXPECT_EQ(label_value("\xE2\x82", "-"), "\uFFFD\uFFFD") << "cut off";
  EXPECT_EQ(label_value("\xE2\x82z", "-"), "\uFFFD\uFFFDz");
  EXPECT_EQ(label_value("\xFFx", "-"), "\uFFFDx");
  EXPECT_EQ(label_value("\xC0\x80", "-"), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(label_value("\xED\xA0\x80", "-"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
  EXPECT_EQ(label_value("\xF4\x90\x80\x80", "-"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "too large";
  EXPECT_EQ(label_value("a\nb\x7F", "-"),
            "a\uFFFD"
            "b\uFFFD")
      << "control characters";
}

}  // namespace
