// SPDX-License-Identifier: MIT OR Apache-2.0
#include "field.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "answer.hpp"
#include "insertion_sort.hpp"
#include "known_systems.hpp"

namespace ron::cli::bench {
namespace {

bool offers(const Field& field, std::string_view system) {
  return std::ranges::any_of(field.contenders, [system](const Contender& contender) {
    return contender.system.name == system;
  });
}

/// Starts a runner and adds what it offers.
void add_runner(Field& field, const std::filesystem::path& path, std::chrono::milliseconds limit,
                SignalInbox& signals) {
  const std::string name = path.filename().string();
  const auto fail = [&](std::string_view reason) {
    field.failures.push_back({.system = "",
                              .workload = "",
                              .case_name = "",
                              .reason = fmt::format("{} {}", name, reason)});
  };
  auto runner = Runner::start(path, signals);
  if (!runner) return fail(runner.error());
  const auto line = runner->ask("list", limit);
  if (!line) {
    field.signal = line.error().signal;
    if (!field.signal) fail(line.error().reason);
    return;
  }
  const auto offer = read_offer(*line);
  if (!offer) return fail(offer.error());
  field.runners.push_back(std::move(*runner));
  for (const OfferedSystem& system : offer->systems) {
    if (offers(field, system.name)) {
      fail(fmt::format("offers {}, which another runner has already", system.name));
      continue;
    }
    const KnownSystem* const known = known_system(system.name);
    field.contenders.push_back({.system = {.name = system.name,
                                           .label = system.label,
                                           .version = system.version,
                                           .runner = offer->runner,
                                           .broadcast = known == nullptr || known->broadcast},
                                .runner = &field.runners.back(),
                                .workloads = system.workloads});
  }
}

/// Known systems first, in their order.
std::ptrdiff_t place_in_reports(const Contender& contender) {
  return std::ranges::find(known_systems(), contender.system.name, &KnownSystem::name) -
         known_systems().begin();
}

std::string reason_to_skip(const KnownSystem& system,
                           const std::vector<std::filesystem::path>& runners, const Field& field) {
  const bool built = std::ranges::any_of(
      runners, [&system](const auto& path) { return path.filename() == system.runner; });
  if (!built) {
    return fmt::format("{} is not built", system.runner);
  }
  const bool answered = std::ranges::any_of(
      field.runners, [&system](const Runner& runner) { return runner.name() == system.runner; });
  if (!answered) return fmt::format("{} failed", system.runner);
  return fmt::format("{} was built without it", system.runner);
}

}  // namespace

std::expected<Field, std::string> gather_field(const std::vector<std::filesystem::path>& runners,
                                               const std::vector<std::string>& wanted,
                                               std::chrono::milliseconds limit,
                                               SignalInbox& signals) {
  Field field;
  field.runners.reserve(runners.size());  // contenders point into it
  for (const std::filesystem::path& path : runners) {
    add_runner(field, path, limit, signals);
    if (field.signal) return field;
  }
  insertion_sort(field.contenders, {}, place_in_reports);

  const auto is_wanted = [&wanted](std::string_view name) {
    return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
  };
  std::set<std::string_view> names;
  for (const KnownSystem& known : known_systems()) names.insert(known.name);
  for (const Contender& contender : field.contenders) names.insert(contender.system.name);
  for (const std::string& name : wanted) {
    if (names.contains(name)) continue;
    return std::unexpected{fmt::format("--system={} is not usable; allowed: {}",
                                       name.empty() ? "(empty)" : name, fmt::join(names, ", "))};
  }
  for (const KnownSystem& known : known_systems()) {
    if (offers(field, known.name) || !is_wanted(known.name)) continue;
    field.skipped.push_back({.system = std::string{known.name},
                             .workload = "",
                             .case_name = "",
                             .reason = reason_to_skip(known, runners, field)});
  }
  std::erase_if(field.contenders,
                [&](const Contender& contender) { return !is_wanted(contender.system.name); });
  return field;
}

}  // namespace ron::cli::bench
