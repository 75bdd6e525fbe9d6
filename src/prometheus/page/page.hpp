// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The live page: what a browser gets from the address of the metrics.
#pragma once

#include <optional>
#include <string_view>

namespace ron::prometheus::page {

struct File {
  std::string_view type;  ///< as in Content-Type
  std::string_view text;
};

/// The file that is served at a path, which is "/" for the page itself.
[[nodiscard]] std::optional<File> file_at(std::string_view path);

}  // namespace ron::prometheus::page
