// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <string>

#include <CLI/CLI.hpp>

#include "soak/session.hpp"

namespace ron::cli {

/// `ronbus soak`: runs the bus for long under load and checks that everything adds up.
class SoakCommand {
 public:
  /// `program` fills this object in when it parses; it must not move.
  explicit SoakCommand(CLI::App& program);
  SoakCommand(const SoakCommand&) = delete;
  SoakCommand& operator=(const SoakCommand&) = delete;
  ~SoakCommand() = default;

  [[nodiscard]] bool was_chosen() const { return app_->parsed(); }
  /// Returns the exit code.
  [[nodiscard]] int run() const;

 private:
  /// What was asked for, or one line that names the option, the value and what is allowed.
  [[nodiscard]] std::expected<soak::SessionOptions, std::string> options() const;

  CLI::App* app_;
  std::string events_;
  std::string duration_;
  std::string publishers_;
  std::string subscribers_;
  std::string gating_;
  std::string capacity_;
  std::string payload_;
  std::string pace_;
  std::string churn_;
  std::string slow_;
  std::string checkpoint_;
  std::string growth_;
  std::string state_;
  std::string json_;
};

}  // namespace ron::cli
