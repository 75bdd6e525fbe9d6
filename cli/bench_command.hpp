// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/outputs.hpp"

namespace ron::cli {

/// `ronbus bench`: measures this bus beside others, or makes reports of an earlier measurement.
class BenchCommand {
 public:
  /// `program` fills this object in when it parses; it must not move.
  explicit BenchCommand(CLI::App& program);
  BenchCommand(const BenchCommand&) = delete;
  BenchCommand& operator=(const BenchCommand&) = delete;
  ~BenchCommand() = default;

  [[nodiscard]] bool was_chosen() const { return app_->parsed(); }
  /// Returns the exit code.
  [[nodiscard]] int run() const;

 private:
  [[nodiscard]] int report(const bench::Outputs::Paths& paths) const;

  CLI::App* app_;
  bool quick_ = false;
  bool full_ = false;
  bool pin_ = false;
  bool list_ = false;
  std::vector<std::string> workloads_;
  std::vector<std::string> systems_;
  std::string rounds_;
  std::string millis_;
  std::string timeout_;
  std::string runners_;
  std::string json_;
  std::string markdown_;
  std::string html_;
  std::string svg_;
  std::string from_;
};

}  // namespace ron::cli
