// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string_view>

namespace ron::cli {

/// Writes one line to standard error, with the name of the program before it. Control characters in
/// `text` are shown as question marks: it may quote what somebody typed.
void complain(std::string_view text);

}  // namespace ron::cli
