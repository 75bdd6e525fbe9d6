// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "url.hpp"

namespace ron::cli::top {

/// The body of what a server answers to GET, or one line that says why there is none. Takes at most
/// some seconds, unless the name of the host is looked up for longer; gives up soon after
/// `is_wanted` says so.
[[nodiscard]] std::expected<std::string, std::string> get(const Url& url,
                                                          const std::function<bool()>& is_wanted);

}  // namespace ron::cli::top
