// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The events that supervisors and services exchange; an example of a message type with strings, and
// what most programs start with.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace ron {

struct Health {
  std::string service;
  bool ok = true;
  friend bool operator==(const Health&, const Health&) = default;
};

struct ConfigUpdated {
  std::uint64_t version = 0;
  friend bool operator==(const ConfigUpdated&, const ConfigUpdated&) = default;
};

struct ServiceCrashed {
  std::string service;
  std::string reason;
  friend bool operator==(const ServiceCrashed&, const ServiceCrashed&) = default;
};

struct Shutdown {
  friend bool operator==(const Shutdown&, const Shutdown&) = default;
};

using KernelEvent = std::variant<Health, ConfigUpdated, ServiceCrashed, Shutdown>;

}  // namespace ron
