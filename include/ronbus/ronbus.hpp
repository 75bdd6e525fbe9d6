// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Everything a user of the library needs.
#pragma once

#include "ronbus/borrowed.hpp"           // IWYU pragma: export
#include "ronbus/builder.hpp"            // IWYU pragma: export
#include "ronbus/bus.hpp"                // IWYU pragma: export
#include "ronbus/config.hpp"             // IWYU pragma: export
#include "ronbus/error.hpp"              // IWYU pragma: export
#include "ronbus/event.hpp"              // IWYU pragma: export
#include "ronbus/interest.hpp"           // IWYU pragma: export
#include "ronbus/publisher.hpp"          // IWYU pragma: export
#include "ronbus/selector.hpp"           // IWYU pragma: export
#include "ronbus/shared_bytes.hpp"       // IWYU pragma: export
#include "ronbus/subscribe_options.hpp"  // IWYU pragma: export
#include "ronbus/subscriber.hpp"         // IWYU pragma: export
#include "ronbus/subscriber_info.hpp"    // IWYU pragma: export
