// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "../watch/table.hpp"
#include "url.hpp"

namespace ron::cli::top {

struct SessionOptions {
  Url url;
  std::chrono::milliseconds interval{1000};
  watch::Sort sort = watch::Sort::Lag;
  std::string filter;
  bool once = false;
  bool json = false;
};

/// Watches the buses of another process until it is told to end; returns the exit code.
[[nodiscard]] int run_session(const SessionOptions& options);

}  // namespace ron::cli::top
