// SPDX-License-Identifier: MIT OR Apache-2.0
#include "soak_command.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

#include "complain.hpp"
#include "exit_code.hpp"
#include "knobs.hpp"
#include "option_reader.hpp"

namespace ron::cli {
namespace {

constexpr const char* kSoakHelp =
    "Publishers share the events among them, one by one and in batches. Every subscriber counts\n"
    "what it receives and misses. --gating subscribers get everything; publishers wait for them.\n"
    "One more subscriber is --slow, and --churn visitors a second come, read a little and go.\n"
    "\n"
    "At every checkpoint all come to rest, and for every subscriber is checked: received + missed "
    "=\n"
    "published, by its own count and by the bus's; each publisher's order, and one order for all;\n"
    "the contents; nothing refused, nothing lost where it gates, message objects constructed and\n"
    "destroyed, nobody hanging (60 s). Resident memory is compared with the first checkpoint after "
    "2\n"
    "s and two laps of the ring; it may grow by --growth. The first failed check ends the soak.\n"
    "\n"
    "--pace limits publishes a second, all together, so that subscribers can keep up; the lost "
    "share\n"
    "of all but the slow one is then below 0.1 % on a quiet machine with two cores. 0 is as fast "
    "as\n"
    "it goes: loss is then what the scheduler makes of it, and is reported only. With one "
    "publisher\n"
    "the bus is promised a single one.\n"
    "\n"
    "Ctrl-C (or SIGTERM, SIGHUP) ends the soak at a checkpoint. With --state it goes on from "
    "there\n"
    "when it is started again with the same parameters, until everything is published; counts add\n"
    "up over the parts. --state is written at every checkpoint, so that little is lost even when "
    "the\n"
    "machine goes down.\n"
    "\n"
    "Examples:\n"
    "  ronbus soak                                        10^9 events\n"
    "  ronbus soak --state soak.json --json summary.json  the same, with breaks if need be\n"
    "  ronbus soak --duration 24h --payload event --gating 2\n"
    "  ronbus soak --events 1e8 --pace 0 --capacity 1024  much loss, exactly counted\n"
    "\n"
    "Exit code: 0; 1 if a check failed; 2 if called wrongly; after a signal, 128 plus its number.";

}  // namespace

SoakCommand::SoakCommand(CLI::App& program)
    : app_{program.add_subcommand("soak", "Run the bus for long and check every count")} {
  const auto add = [this](const char* flag, std::string& text, const char* about,
                          const char* type) {
    app_->add_option(flag, text, about)->type_name(type);
  };
  add("--events", events_, "Messages to publish; default 1e9", "N");
  add("--duration", duration_, "Publish for so long instead, such as 30m", "TIME");
  add("--publishers", publishers_, "Default 4", "N");
  add("--subscribers", subscribers_, "Default 8", "N");
  add("--gating", gating_, "How many of the subscribers gate; default 0", "N");
  add("--capacity", capacity_, "Messages to retain; default 65536", "N");
  add("--payload", payload_, "u64 (default) or event: variants with strings, counted", "KIND");
  add("--pace", pace_, "Publishes a second at the most; 0: no limit; default 2e6, for events 5e5",
      "N");
  add("--churn", churn_, "Visitors a second; default 100", "HZ");
  add("--slow", slow_, "Pause of the slow subscriber after a message; 0: none; default 1000",
      "MICROSECONDS");
  add("--checkpoint", checkpoint_, "Time between two checkpoints; default 5s", "TIME");
  add("--growth", growth_, "MiB that memory may grow by when warm; default 8", "MIB");
  add("--state", state_, "Go on from this file, and keep it", "FILE");
  add("--json", json_, "Write the summary to this file", "FILE");
  app_->footer(kSoakHelp);
}

std::expected<soak::SessionOptions, std::string> SoakCommand::options() const {
  constexpr std::uint64_t kMany = 1'000'000'000'000'000;
  constexpr std::uint64_t kMostThreads = 128;
  constexpr std::uint64_t kKibibytesInOne = 1024;
  soak::SessionOptions options{.parameters = {}, .state = state_, .json = json_};
  soak::Parameters& parameters = options.parameters;
  OptionReader reader{*app_};
  reader.read("--events", events_, 1, kMany, parameters.events);
  reader.read("--duration", duration_, parameters.duration);
  if (reader.wanted("--duration")) {
    if (reader.wanted("--events")) {
      reader.fail("--events and --duration exclude each other: give one of them");
    }
    parameters.events = 0;
  }
  reader.read("--publishers", publishers_, 1, kMostThreads, parameters.publishers);
  reader.read("--subscribers", subscribers_, 1, kMostThreads, parameters.subscribers);
  reader.read("--gating", gating_, 0, parameters.subscribers, parameters.gating);
  if (reader.wanted("--capacity")) {
    const auto capacity = number_for("--capacity", "RON_CAP", capacity_);
    if (capacity) {
      parameters.capacity = *capacity;
    } else {
      reader.fail(capacity.error());
    }
  }
  if (reader.wanted("--payload")) {
    if (payload_ == "event") {
      parameters.payload = soak::PayloadKind::Event;
    } else if (payload_ != "u64") {
      reader.fail("--payload", payload_, "u64 or event");
    }
  }
  // At the least, a publisher has a message to publish every 1.28 s.
  parameters.pace = soak::usual_pace(parameters.payload);
  reader.read("--pace", pace_, 0, kMany, parameters.pace);
  if (parameters.pace > 0 && parameters.pace < 100) {
    reader.fail("--pace", pace_, "0, or a whole number from 100");
  }
  reader.read("--churn", churn_, 0, 10000, parameters.churn);
  auto slow = static_cast<std::uint64_t>(parameters.slow.count());
  reader.read("--slow", slow_, 0, 1'000'000, slow);
  parameters.slow = std::chrono::microseconds{slow};
  reader.read("--checkpoint", checkpoint_, options.checkpoint);
  std::uint64_t growth = 8;
  reader.read("--growth", growth_, 0, 1'000'000, growth);
  options.growth_limit_kib = growth * kKibibytesInOne;
  for (const auto& [flag, file] : {std::pair{"--state", &state_}, std::pair{"--json", &json_}}) {
    if (reader.wanted(flag) && file->empty()) reader.fail(flag, "", "the name of a file");
  }
  if (!reader.error().empty()) return std::unexpected{reader.error()};
  return options;
}

int SoakCommand::run() const {
  const auto options = this->options();
  if (!options) {
    complain(options.error());
    return kUsage;
  }
  return soak::run_session(*options);
}

}  // namespace ron::cli
