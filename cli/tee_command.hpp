// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace ron::cli {

/// `ronbus tee`: broadcasts the lines of standard input to the standard input of commands.
class TeeCommand {
 public:
  /// `program` fills this object in when it parses; it must not move.
  explicit TeeCommand(CLI::App& program);
  TeeCommand(const TeeCommand&) = delete;
  TeeCommand& operator=(const TeeCommand&) = delete;
  ~TeeCommand() = default;

  [[nodiscard]] bool was_chosen() const { return app_->parsed(); }
  /// Returns the exit code.
  [[nodiscard]] int run() const;

 private:
  CLI::App* app_;
  std::vector<std::string> plain_;
  std::vector<std::string> lossy_;
  std::string capacity_;
  std::string grace_ = "2";
  bool json_ = false;
};

}  // namespace ron::cli
