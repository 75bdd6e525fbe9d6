// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ron::prometheus {

/// A name as it can be the value of a label: Prometheus refuses all metrics of a process if one
/// label is not UTF-8. What is not, and control characters, become U+FFFD; an empty name becomes
/// `instead`.
[[nodiscard]] std::string label_value(std::string_view name, std::string_view instead);

}  // namespace ron::prometheus
