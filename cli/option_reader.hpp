// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

namespace ron::cli {

/// Reads options into values until one is not usable.
class OptionReader {
 public:
  explicit OptionReader(const CLI::App& app) : app_{&app} {}

  // Each leaves `into` as it is if the option was not given.

  /// A whole number such as 4 or 1e9.
  template <class Number>
  void read(const char* flag, const std::string& text, std::uint64_t least, std::uint64_t most,
            Number& into) {
    if (!wanted(flag)) return;
    if (const auto number = whole_number(flag, text, least, most)) into = Number{*number};
  }
  /// A duration such as 30m, 1.5h or 90 (seconds), from 0.1s to 365d.
  void read(const char* flag, const std::string& text, std::chrono::milliseconds& into);

  /// Whether the option was given, and nothing is wrong yet.
  [[nodiscard]] bool wanted(const char* flag) const {
    return error_.empty() && app_->count(flag) > 0;
  }
  void fail(std::string_view flag, std::string_view text, std::string_view allowed);
  void fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }
  /// What is wrong with the first that is not usable; empty if all are.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  std::optional<std::uint64_t> whole_number(const char* flag, const std::string& text,
                                            std::uint64_t least, std::uint64_t most);

  const CLI::App* app_;
  std::string error_;
};

}  // namespace ron::cli
