// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The text format of Prometheus, version 0.0.4.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace ron::cli::top {

struct Label {
  std::string_view name;
  std::string value;
};

struct Sample {
  std::size_t line = 0;  ///< from 1
  std::string_view name;
  std::vector<Label> labels;
  double value = 0;

  /// The value of a label; nullptr if there is none.
  [[nodiscard]] const std::string* label(std::string_view wanted) const;
};

/// All samples of a text, which they refer to; or one line that names the first line that is wrong,
/// and what is wrong with it. Comments are passed over, whatever they say.
[[nodiscard]] std::expected<std::vector<Sample>, std::string> samples_in(std::string_view text);

}  // namespace ron::cli::top
