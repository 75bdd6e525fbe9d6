// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ron::cli {

/// Writes one line to standard error, with the name of the program before it. Control characters in
/// `text` are shown as question marks: it may quote what somebody typed.
void complain(std::string_view text);

/// What to say of the value of a flag that is none of those allowed.
std::string not_usable(std::string_view flag, std::string_view value, std::string_view allowed);

}  // namespace ron::cli
