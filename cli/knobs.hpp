// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "ronbus/builder.hpp"

namespace ron::cli {

/// A number given to a flag that stands for the environment variable `variable`, under the
/// library's own rules for it; or one line that names the flag, the value and what is allowed.
[[nodiscard]] std::expected<std::size_t, std::string> number_for(std::string_view flag,
                                                                 std::string_view variable,
                                                                 const std::string& text);

/// The flags that stand for what a program tells its BusBuilder.
class Knobs {
 public:
  /// Adds the flags to `app`, which fills them in when it parses; this object must not move.
  explicit Knobs(CLI::App& app);

  /// A builder that was told all flags that were given.
  [[nodiscard]] std::expected<BusBuilder, std::string> builder() const;

 private:
  CLI::App* app_;
  std::string mode_;
  std::string capacity_;
  std::string autotune_;
  std::string burst_;
  std::string flush_threshold_;
  std::string fence_;
  bool epoch_yield_ = false;
  bool single_publisher_ = false;
};

}  // namespace ron::cli
