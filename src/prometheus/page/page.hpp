// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string_view>

/// The files of this folder, as they are served.
namespace ron::prometheus::page {

[[nodiscard]] std::string_view index_html();

}  // namespace ron::prometheus::page
