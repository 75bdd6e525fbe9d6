// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "knobs.hpp"

namespace ron::cli {

/// `ronbus config`: what a bus would run with, and where each value comes from.
class ConfigCommand {
 public:
  explicit ConfigCommand(CLI::App& program);

  [[nodiscard]] bool was_chosen() const { return app_->parsed(); }
  /// Returns the exit code.
  [[nodiscard]] int run() const;

 private:
  CLI::App* app_;
  bool json_ = false;
  Knobs knobs_;
};

}  // namespace ron::cli
