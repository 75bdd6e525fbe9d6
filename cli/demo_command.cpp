// SPDX-License-Identifier: MIT OR Apache-2.0
#include "demo_command.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "ronbus/metrics_config.hpp"

#include "complain.hpp"
#include "exit_code.hpp"
#include "option_reader.hpp"

namespace ron::cli {
namespace {

constexpr const char* kDemoHelp =
    "Publishers share --rate among them. Some subscribers are fast, some want one message in ten\n"
    "(--filtering), some pause after every message (--slow, --pause) and lose what they are too "
    "slow\n"
    "for. It goes on until Ctrl-C, --duration or --messages; then everybody reads what is left, "
    "and "
    "a\n"
    "summary is printed. In it holds, to the unit, for each subscriber and for all:\n"
    "published = received + filtered + missed, as the bus counts and as each counts itself.\n"
    "\n"
    "The bus retains 4096 messages unless --cap or --autotune says otherwise. On a terminal a "
    "table shows what goes on. With --listen it is served as metrics for "
    "Prometheus\n"
    "(/metrics), for ronbus top, and as a page for a browser (/); with --stay also afterwards, "
    "until\n"
    "Ctrl-C. Whoever can reach the address can read it; without one it is 127.0.0.1:9464.\n"
    "\n"
    "Examples:\n"
    "  ronbus demo\n"
    "  ronbus demo --listen                       and ronbus top in another terminal\n"
    "  ronbus demo --rate 1e6 --cap 1024 --slow 3 --duration 10s\n"
    "  ronbus demo --messages 1e7 --rate 0 --mode batched --json\n"
    "\n"
    "Exit code: 0; 1 if a count was wrong; 2 if called wrongly, or it cannot listen; after a "
    "signal,\n"
    "128 plus its number.";

/// Enough for fast subscribers to lose little on a busy machine.
constexpr std::size_t kUsualCapacity = 4096;

/// Whether a variable of the environment is set.
bool environment_says(const char* variable) {
  return std::getenv(variable) != nullptr;  // NOLINT(concurrency-mt-unsafe): nobody changes it
}

}  // namespace

DemoCommand::DemoCommand(CLI::App& program)
    : app_{program.add_subcommand("demo", "Publish and receive, to be looked at")}, knobs_{*app_} {
  const auto add = [this](const char* flag, std::string& text, const char* about,
                          const char* type) {
    return app_->add_option(flag, text, about)->type_name(type);
  };
  add("--publishers", publishers_, "Default 2", "N");
  add("--subscribers", subscribers_, "That are fast; default 4", "N");
  add("--filtering", filtering_, "Subscribers that want one message in ten; default 0", "N");
  add("--slow", slow_, "Subscribers that are slow; default 1", "N");
  add("--pause", pause_, "Pause of a slow one after a message; default 1000", "MICROSECONDS");
  add("--rate", rate_, "Publishes a second, all together; 0: no limit; default 1e5", "HZ");
  add("--payload", payload_, "Bytes of a message; default 64", "N");
  add("--messages", messages_, "End after so many", "N");
  add("--duration", duration_, "End after so long, such as 30s", "TIME");
  add("--sample-every", sample_every_, "Time one message in so many; 0: none; default 64", "N");
  add("--listen", listen_, "Serve metrics and a page; default 127.0.0.1:9464", "ADDRESS:PORT")
      ->expected(0, 1)
      ->default_str("127.0.0.1:9464");
  app_->add_flag("--stay", stay_, "Serve them until Ctrl-C");
  app_->add_flag("--json", json_, "Summary as JSON");
  app_->footer(kDemoHelp);
}

std::expected<demo::SessionOptions, std::string> DemoCommand::options() const {
  constexpr std::uint64_t kMany = 1'000'000'000'000'000;
  constexpr std::uint64_t kMostThreads = 128;
  constexpr std::uint64_t kLargestPayload = 1'048'576;
  demo::SessionOptions options{
      .parameters = {}, .listen = std::nullopt, .stay = stay_, .json = json_};
  demo::Parameters& parameters = options.parameters;
  OptionReader reader{*app_};
  reader.read("--publishers", publishers_, 1, kMostThreads, parameters.publishers);
  reader.read("--subscribers", subscribers_, 0, kMostThreads, parameters.subscribers);
  reader.read("--filtering", filtering_, 0, kMostThreads, parameters.filtering);
  reader.read("--slow", slow_, 0, kMostThreads, parameters.slow);
  auto pause = static_cast<std::uint64_t>(parameters.pause.count());
  reader.read("--pause", pause_, 0, 60'000'000, pause);
  parameters.pause = std::chrono::microseconds{pause};
  reader.read("--rate", rate_, 0, kMany, parameters.rate);
  reader.read("--payload", payload_, 0, kLargestPayload, parameters.payload);
  reader.read("--messages", messages_, 1, kMany, parameters.messages);
  reader.read("--duration", duration_, options.duration);
  if (reader.wanted("--listen")) {
    options.listen = listen_;
  } else if (stay_) {
    reader.fail("--stay goes with --listen");
  }
  if (!reader.error().empty()) return std::unexpected{reader.error()};
  return options;
}

std::expected<Bus<demo::Message>, std::string> DemoCommand::bus(
    const demo::SessionOptions& options) const {
  auto builder = knobs_.builder();
  if (!builder) return std::unexpected{builder.error()};
  builder->name("demo");
  const bool has_capacity = app_->count("--cap") + app_->count("--autotune") > 0 ||
                            environment_says("RON_CAP") || environment_says("RON_FANOUT");
  if (!has_capacity) builder->cap(kUsualCapacity);
  OptionReader reader{*app_};
  std::uint64_t sample_every = 64;
  reader.read("--sample-every", sample_every_, 0, 16'777'216, sample_every);
  if (!reader.error().empty()) return std::unexpected{reader.error()};
  const bool left_to_environment =
      !reader.wanted("--sample-every") &&
      (environment_says("RON_METRICS_SAMPLE_EVERY") || environment_says("RON_METRICS_END_TO_END"));
  if (!left_to_environment) {
    builder->metrics(
        {.sample_every = static_cast<std::uint32_t>(sample_every), .end_to_end = sample_every > 0});
  }
  auto bus = builder->build<demo::Message>();
  if (!bus) return std::unexpected{bus.error().message()};
  if (bus->config().single_publisher.value && options.parameters.publishers > 1) {
    return std::unexpected{std::string{"--single-publisher goes with --publishers 1"}};
  }
  return std::move(*bus);
}

int DemoCommand::run() const {
  const auto options = this->options();
  if (!options) {
    complain(options.error());
    return kUsage;
  }
  auto bus = this->bus(*options);
  if (!bus) {
    complain(bus.error());
    return kUsage;
  }
  return demo::run_session(std::move(*bus), *options);
}

}  // namespace ron::cli
