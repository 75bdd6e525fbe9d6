// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace ron::cli {

/// `ronbus top`: watches the buses of another process by its metrics.
class TopCommand {
 public:
  /// `program` fills this object in when it parses; it must not move.
  explicit TopCommand(CLI::App& program);
  TopCommand(const TopCommand&) = delete;
  TopCommand& operator=(const TopCommand&) = delete;
  ~TopCommand() = default;

  [[nodiscard]] bool was_chosen() const { return app_->parsed(); }
  /// Returns the exit code.
  [[nodiscard]] int run() const;

 private:
  CLI::App* app_;
  std::string url_ = ":9464";
  std::string interval_;
  std::string sort_;
  std::string filter_;
  bool once_ = false;
  bool json_ = false;
};

}  // namespace ron::cli
