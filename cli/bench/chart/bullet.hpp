// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How far a figure is from what it was meant to be.
#pragma once

#include "figure.hpp"

namespace ron::cli::bench::chart {

/// `quotient` is 1 at the aim and larger beyond it. The scale is logarithmic, from a tenth to ten
/// times the aim, which is in the middle.
[[nodiscard]] Drawing draw_bullet(double quotient, double width);

}  // namespace ron::cli::bench::chart
