// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "ronbus/error.hpp"

#include "audit.hpp"
#include "parameters.hpp"
#include "summary.hpp"

namespace ron::cli::soak {

/// A bus and all threads that publish, subscribe and visit.
class Crew {
 public:
  Crew() = default;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  /// Only while all rest and have been sent home.
  virtual ~Crew() = default;

  /// Asks everybody to come to rest.
  virtual void call() = 0;
  /// Waits until all publishers rest, which they also do when nothing is left to publish. Returns
  /// whether they do.
  [[nodiscard]] virtual bool publishers_rest(std::chrono::milliseconds patience) = 0;
  /// Once publishers rest: publishes what makes subscribers rest. False if a gating subscriber does
  /// not let it for so long.
  [[nodiscard]] virtual bool publish_marker(std::chrono::milliseconds patience) = 0;
  /// As `publishers_rest`, for everybody.
  [[nodiscard]] virtual bool all_rest(std::chrono::milliseconds patience) = 0;
  /// Who does not rest, for people.
  [[nodiscard]] virtual std::string absent() const = 0;
  /// Sends all on, or home.
  virtual void release(bool go_on) = 0;

  /// Events so far, at any time.
  [[nodiscard]] virtual std::uint64_t published() const = 0;
  /// Messages that the bus retains.
  [[nodiscard]] virtual std::size_t capacity() const = 0;

  // While all rest.

  [[nodiscard]] virtual QuietMoment observe() const = 0;
  /// What the threads counted; `parts`, `checkpoints`, times, objects and memory are left open.
  [[nodiscard]] virtual Totals totals() const = 0;
};

/// Makes a bus and starts the threads, which are to publish `events`. An error is about the
/// environment.
[[nodiscard]] std::expected<std::unique_ptr<Crew>, BuildError> start_crew(
    const Parameters& parameters, std::uint64_t events);

}  // namespace ron::cli::soak
