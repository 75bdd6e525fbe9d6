// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/top/url.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace ron::cli::top {
namespace {

TEST(TopUrl, what_is_left_out_is_filled_in) {
  struct Case {
    std::string_view text;
    std::string_view full;
  };
  constexpr Case kCases[] = {
      {":9464", "http://127.0.0.1:9464/metrics"},
      {"host", "http://host:9464/metrics"},
      {"host:1/", "http://host:1/metrics"},
      {"http://host", "http://host:80/metrics"},
      {"https://host?a=b#c", "https://host:443/metrics?a=b"},
      {"http://[::1]:65535/x/y?z=/:@", "http://[::1]:65535/x/y?z=/:@"},
      {"[fe80::1]", "http://[fe80::1]:9464/metrics"},
  };
  for (const auto& [text, full] : kCases) {
    const auto url = url_in(text);
    ASSERT_TRUE(url.has_value()) << url.error();
    EXPECT_EQ(url->text(), full);
    EXPECT_EQ(url_in(full), url);
  }
}

TEST(TopUrl, what_is_none_is_refused) {
  for (const std::string_view text :
       {"",      "/",        "http://", "http://:80", "ftp://host",  "host:0", "host:65536",
        "host:", "host:1:2", "host:x",  "user@host",  "[::1",        "[::1]1", "[]:1",
        "[[]",   "a]",       "a b",     "a\nb",       "h\xc3\xb6st", "host:+1"}) {
    const auto url = url_in(text);
    EXPECT_FALSE(url.has_value()) << text;
  }
}

}  // namespace
}  // namespace ron::cli::top
