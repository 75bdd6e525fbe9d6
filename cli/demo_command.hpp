// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <string>

#include <CLI/CLI.hpp>

#include "ronbus/builder.hpp"

#include "demo/session.hpp"
#include "knobs.hpp"

namespace ron::cli {

/// `ronbus demo`: publishers and subscribers in one process, to be looked at.
class DemoCommand {
 public:
  /// `program` fills this object in when it parses; it must not move.
  explicit DemoCommand(CLI::App& program);
  DemoCommand(const DemoCommand&) = delete;
  DemoCommand& operator=(const DemoCommand&) = delete;
  ~DemoCommand() = default;

  [[nodiscard]] bool was_chosen() const { return app_->parsed(); }
  /// Returns the exit code.
  [[nodiscard]] int run() const;

 private:
  // What was asked for, or one line that names the option, the value and what is allowed.
  [[nodiscard]] std::expected<demo::SessionOptions, std::string> options() const;
  [[nodiscard]] std::expected<Bus<demo::Message>, std::string> bus(
      const demo::SessionOptions& options) const;

  CLI::App* app_;
  std::string publishers_;
  std::string subscribers_;
  std::string filtering_;
  std::string slow_;
  std::string pause_;
  std::string rate_;
  std::string payload_;
  std::string messages_;
  std::string duration_;
  std::string sample_every_;
  std::string listen_;
  bool stay_ = false;
  bool json_ = false;
  Knobs knobs_;
};

}  // namespace ron::cli
