// SPDX-License-Identifier: MIT OR Apache-2.0
#include "state_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "../file_descriptor.hpp"

namespace ron::cli::soak {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "ronbus soak";
constexpr int kSchema = 1;

std::string error_text(int number) { return std::generic_category().message(number); }

/// The parameters that are not as asked for, all of them, for people; empty if there are none.
std::string differences(const Json& kept, const Json& asked) {
  std::string text;
  for (const auto& [name, value] : asked.items()) {
    const Json& there = kept.at(name);
    if (there == value) continue;
    const auto shown = [](const Json& json) {
      return json.is_string() ? json.get<std::string>() : json.dump();
    };
    text += fmt::format("{}--{} {} instead of {}", text.empty() ? "" : ", ", name, shown(there),
                        shown(value));
  }
  return text;
}

SubscriberTotals subscriber_from(const Json& json) {
  return {.received = json.at("received").get<std::uint64_t>(),
          .missed = json.at("missed").get<std::uint64_t>(),
          .lags = json.at("lags").get<std::uint64_t>()};
}

/// Throws Json::exception if something is missing or of another type.
EarlierParts earlier_from(const Json& json) {
  EarlierParts earlier;
  Totals& totals = earlier.totals;
  totals.parts = json.at("parts").get<std::uint64_t>();
  totals.checkpoints = json.at("checkpoints").get<std::uint64_t>();
  totals.seconds = json.at("seconds").get<double>();
  totals.events = json.at("events").get<std::uint64_t>();
  totals.refused = json.at("refused").get<std::uint64_t>();
  for (const Json& subscriber : json.at("subscribers")) {
    totals.subscribers.push_back(subscriber_from(subscriber));
  }
  totals.all_visitors = subscriber_from(json.at("visitors"));
  totals.visitors = json.at("visitors").at("count").get<std::uint64_t>();
  totals.constructed = json.at("objects").at("constructed").get<std::uint64_t>();
  totals.leaked = json.at("objects").at("leaked").get<std::int64_t>();
  totals.memory_growth_kib = json.at("memory").at("growth_kib").get<std::uint64_t>();
  earlier.failures = json.at("failures").get<std::vector<std::string>>();
  earlier.complete = json.at("complete").get<bool>();
  return earlier;
}

/// What contradicts itself in `totals`; empty if nothing does.
std::string contradiction(const Totals& totals, const Parameters& parameters) {
  if (totals.subscribers.size() != subscribers_in(parameters)) {
    return fmt::format("it has {} subscribers instead of {}", totals.subscribers.size(),
                       subscribers_in(parameters));
  }
  for (std::size_t i = 0; i < totals.subscribers.size(); ++i) {
    const SubscriberTotals& subscriber = totals.subscribers[i];
    if (subscriber.received + subscriber.missed != totals.events) {
      return fmt::format("{} received {} and missed {} of {} events", name_of(i, parameters),
                         subscriber.received, subscriber.missed, totals.events);
    }
  }
  if (parameters.events > 0 && totals.events > parameters.events) {
    return fmt::format("it has {} events instead of {}", totals.events, parameters.events);
  }
  if (!(totals.seconds >= 0)) return "its time is negative";
  return {};
}

}  // namespace

std::expected<EarlierParts, std::string> parse_state(const std::string& content,
                                                     const std::string& name,
                                                     const Parameters& parameters) {
  const auto failure = [&name](const std::string& text) {
    return std::unexpected{fmt::format("'{}' {}", name, text)};
  };
  const Json json = Json::parse(content, nullptr, false);
  if (json.is_discarded()) return failure("is damaged: it is not JSON");
  try {
    if (!json.is_object() || json.value("format", "") != kFormat) {
      return failure("is not the state of a soak");
    }
    if (const Json& schema = json.at("schema"); schema != kSchema) {
      return failure(
          fmt::format("has schema {}; this program knows schema {}", schema.dump(), kSchema));
    }
    const std::string different = differences(json.at("parameters"), to_json(parameters));
    if (!different.empty()) return failure("is of another soak: " + different);
    EarlierParts earlier = earlier_from(json);
    if (earlier.failures.empty()) {
      const std::string wrong = contradiction(earlier.totals, parameters);
      if (!wrong.empty()) return failure("is damaged: " + wrong);
    }
    return earlier;
  } catch (const Json::exception& error) {
    return failure(fmt::format("is damaged: {}", error.what()));
  }
}

std::expected<std::optional<EarlierParts>, std::string> load_state(const std::string& path,
                                                                   const Parameters& parameters) {
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file && errno == ENOENT) return std::nullopt;
  std::string content;
  std::array<char, 4096> block{};
  ssize_t count = file ? 1 : -1;
  while (count > 0) {
    count = ::read(file.get(), block.data(), block.size());
    content.append(block.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  if (count < 0) {
    return std::unexpected{fmt::format("cannot read '{}': {}", path, error_text(errno))};
  }
  auto earlier = parse_state(content, path, parameters);
  if (!earlier) return std::unexpected{std::move(earlier.error())};
  return std::optional{std::move(*earlier)};
}

std::string state_of(const Summary& summary) {
  Json json{{"format", kFormat}, {"schema", kSchema}, {"version", RONBUS_VERSION}};
  json.update(to_json(summary));
  return json.dump(2) + '\n';
}

std::expected<void, std::string> replace_file(const std::string& path, const std::string& content) {
  const auto failure = [&path] {
    return std::unexpected{fmt::format("cannot write '{}': {}", path, error_text(errno))};
  };
  constexpr mode_t kMode = 0666;
  const std::string beside = path + ".new";
  FileDescriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode)};
  if (!file) return failure();
  for (std::size_t written = 0; written < content.size();) {
    const ssize_t count = ::write(file.get(), content.data() + written, content.size() - written);
    if (count < 0 && errno != EINTR) return failure();
    written += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
  // On the disk before it is in its place: a crash of the machine leaves the old or the new one.
  if (::fsync(file.get()) != 0 || std::rename(beside.c_str(), path.c_str()) != 0) return failure();
  return {};
}

}  // namespace ron::cli::soak
