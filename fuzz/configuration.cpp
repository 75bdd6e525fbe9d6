// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the builder is told and what the environment says, against the rules of config.hpp read
// literally. Input: a byte and a number for each knob of the builder; then the texts of variables.
#include <array>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <ronbus/config.hpp>

#include "input.hpp"

namespace {

using ron::fuzz::Input;
using ron::fuzz::require;

struct Variable {
  std::string_view name;
  std::uint64_t least;
  std::uint64_t most;
};
constexpr std::array kVariables{
    Variable{"RON_CAP", 0, std::uint64_t{1} << 32},
    Variable{"RON_FANOUT", 1, 65536},
    Variable{"RON_BURST", 1, 1048576},
    Variable{"RON_TLS_FLUSH_THRESHOLD", 1, 4096},
    Variable{"RON_EDGE_LINGER_US", 0, 1000000},
    Variable{"RON_PUB_EPOCH_YIELD", 0, 1},
};

/// The number that a text says: digits and nothing else.
std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    if (__builtin_mul_overflow(value, 10U, &value)) return std::nullopt;
    if (__builtin_add_overflow(value, static_cast<unsigned>(digit - '0'), &value)) {
      return std::nullopt;
    }
  }
  return value;
}

bool is_usable(const Variable& variable, std::string_view text) {
  const auto value = number_of(text);
  return value && variable.least <= *value && *value <= variable.most;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input{data, size};
  ron::RequestedConfig requested;
  if (input.flag()) requested.mode = static_cast<ron::BusMode>(input.up_to(3));
  if (input.flag()) requested.capacity = input.number();
  if (input.flag()) requested.expected_subscribers = input.number();
  if (input.flag()) requested.burst = input.number();
  if (input.flag()) requested.tls_flush_threshold = input.number();
  if (input.flag()) requested.epoch_yield = input.flag();
  if (input.flag()) {
    requested.edge_linger = std::chrono::microseconds{static_cast<std::int64_t>(input.number())};
  }
  if (input.flag()) requested.single_publisher = input.flag();
  if (input.flag()) requested.fence = static_cast<ron::FencePolicy>(input.up_to(2));
  std::map<std::string, std::string, std::less<>> variables;
  while (!input.empty()) {
    const unsigned which = input.up_to(kVariables.size());
    const auto name = which < kVariables.size() ? kVariables[which].name : "RON_BUS_MODE";
    variables[std::string{name}] = input.text();
  }
  const auto environment = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };

  const auto config = ron::resolve(requested, environment);

  bool usable = true;
  for (const Variable& variable : kVariables) {
    const auto text = environment(variable.name);
    if (text && !is_usable(variable, *text)) usable = false;
  }
  const auto told = [&usable](const auto& value, std::uint64_t least, std::uint64_t most) {
    if (!value) return;
    const auto number = static_cast<std::uint64_t>(*value);
    if (number < least || number > most) usable = false;
  };
  told(requested.capacity, 0, std::uint64_t{1} << 32);
  told(requested.expected_subscribers, 1, 65536);
  told(requested.burst, 1, 1048576);
  told(requested.tls_flush_threshold, 1, 4096);
  told(requested.edge_linger.transform([](auto time) { return time.count(); }), 0, 1000000);
  if (const auto mode = environment("RON_BUS_MODE")) {
    if (!ron::mode_named(*mode)) usable = false;
  }
  require(config.has_value() == usable);
  if (!config) {
    require(!config.error().knob.empty() && !config.error().allowed.empty());
    const auto found = variables.find(config.error().knob);
    require(found == variables.end() || found->second == config.error().value);
    require(config.error().message().find(config.error().knob) != std::string::npos);
    return 0;
  }
  require(config->capacity >= 2 && config->capacity <= 65536);
  require((config->capacity & (config->capacity - 1)) == 0);
  const std::size_t asked = config->requested_capacity.value;
  require(config->capacity >= asked || asked > 65536);
  require(asked <= 2 || config->capacity < 2 * asked);
  if (requested.capacity) require(asked == *requested.capacity);
  if (!requested.capacity && environment("RON_CAP")) {
    require(asked == number_of(*environment("RON_CAP")));
  }
  if (requested.burst) require(config->burst.value == *requested.burst);
  if (requested.edge_linger) require(config->edge_linger.value == *requested.edge_linger);
  for (const std::string& warning : config->warnings) require(!warning.empty());
  return 0;
}
