// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "../complain.hpp"
#include "../exit_code.hpp"
#include "../signal_inbox.hpp"
#include "census.hpp"
#include "crew.hpp"
#include "memory_watch.hpp"
#include "progress_line.hpp"
#include "state_file.hpp"
#include "summary.hpp"

namespace ron::cli::soak {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// How often signals and the clock are looked at.
constexpr milliseconds kTick{100};
/// Whoever does not come to rest in this time hangs.
constexpr std::chrono::seconds kPatience{60};
/// Memory is compared with what was needed when the ring had been filled so often,
constexpr std::uint64_t kWarmLaps = 2;
/// and so long after the start.
constexpr std::chrono::seconds kWarmTime{2};
/// Message objects that may live beside the retained ones: replaced ones that a publisher keeps,
/// and what a publisher or a subscriber has in hands.
constexpr std::uint64_t kObjectsOfPublisher = 1024 + 256;
constexpr std::uint64_t kObjectsOfSubscriber = 64;

class Session {
 public:
  Session(const SessionOptions& options, EarlierParts earlier)
      : options_{options}, earlier_{std::move(earlier)} {
    summary_.parameters = options.parameters;
    summary_.totals = earlier_.totals;
    summary_.failures = earlier_.failures;
    summary_.complete = earlier_.complete;
    summary_.growth_limit_kib = options.growth_limit_kib;
  }

  int run() {
    if (const bool is_over = summary_.complete || !summary_.failures.empty(); !is_over) {
      if (!can_write() || !start()) return kUsage;
      soak();
      end_part();
    }
    return finish();
  }

 private:
  /// Whether both files can be written, found out before hours are spent.
  [[nodiscard]] bool can_write() {
    if (!save()) return false;
    if (!options_.json.empty() && !std::ofstream{options_.json, std::ios::app}) {
      complain(fmt::format("cannot write '{}'", options_.json));
      return false;
    }
    return true;
  }

  [[nodiscard]] bool start() {
    const Parameters& parameters = options_.parameters;
    const std::uint64_t events = parameters.events > 0 ? parameters.events - earlier_.totals.events
                                                       : std::numeric_limits<std::uint64_t>::max();
    objects_before_ = census();
    started_at_ = Clock::now();
    auto crew = start_crew(parameters, events);
    if (!crew) {
      complain(crew.error().message());
      return false;
    }
    crew_ = std::move(*crew);
    return true;
  }

  void soak() {
    Clock::time_point checkpoint_at = Clock::now() + options_.checkpoint;
    for (;;) {
      const bool out_of_work = crew_->publishers_rest(next_tick());
      take_signals();
      const bool is_over = out_of_work || signal_.has_value() || time_is_up();
      if (is_over || Clock::now() >= checkpoint_at) {
        come_to_rest();
        take_stock();
        summary_.complete = out_of_work || time_is_up();
        if (is_over || !summary_.failures.empty()) return;
        crew_->release(true);
        if (!save()) summary_.failures.emplace_back("the state could not be written");
        checkpoint_at = Clock::now() + options_.checkpoint;
      }
      if (const auto now = Clock::now(); progress_.is_due(now)) draw(now);
    }
  }

  [[nodiscard]] milliseconds next_tick() const {
    if (options_.parameters.duration.count() == 0) return kTick;
    const auto left = std::chrono::ceil<milliseconds>(time_left());
    return std::clamp(left, milliseconds{0}, kTick);
  }
  [[nodiscard]] Seconds seconds_of_part() const { return Clock::now() - started_at_; }
  [[nodiscard]] Seconds time_left() const {
    return Seconds{options_.parameters.duration} - Seconds{earlier_.totals.seconds} -
           seconds_of_part();
  }
  [[nodiscard]] bool time_is_up() const {
    return options_.parameters.duration.count() > 0 && time_left().count() <= 0;
  }

  /// Brings everybody to rest. Does not return if somebody hangs: nothing can be taken apart then.
  void come_to_rest() {
    const Clock::time_point deadline = Clock::now() + kPatience;
    const auto wait = [&](const auto& step) {
      while (!step()) {
        take_signals();
        if (Clock::now() >= deadline) give_up();
      }
    };
    crew_->call();
    wait([this] { return crew_->publishers_rest(kTick); });
    wait([this] { return crew_->publish_marker(kTick); });
    wait([this] { return crew_->all_rest(kTick); });
  }

  [[noreturn]] void give_up() {
    progress_.erase();
    summary_.failures.push_back(
        fmt::format("hangs for {} s at a checkpoint: {}", kPatience.count(), crew_->absent()));
    (void)finish();
    std::_Exit(kFailure);
  }

  /// Counts and checks, while all rest.
  void take_stock() {
    const QuietMoment moment = crew_->observe();
    const std::uint64_t checkpoints = part_.checkpoints + 1;
    const std::uint64_t growth = part_.memory_growth_kib;
    part_ = crew_->totals();
    part_.parts = 1;
    part_.checkpoints = checkpoints;
    part_.seconds = seconds_of_part().count();
    note(faults_of(moment));
    check_objects();
    check_memory(growth);
    add_up();
  }

  void check_objects() {
    const Population now = census();
    part_.constructed = now.constructed - objects_before_.constructed;
    const std::uint64_t alive = now.alive() - objects_before_.alive();
    const Parameters& parameters = options_.parameters;
    const std::uint64_t limit = crew_->capacity() + parameters.publishers * kObjectsOfPublisher +
                                subscribers_in(parameters) * kObjectsOfSubscriber;
    if (alive > limit) {
      note({fmt::format("{} message objects are alive; at most {} should be", alive, limit)});
    }
  }

  void check_memory(std::uint64_t growth_before) {
    const bool is_warm =
        crew_->published() >= kWarmLaps * crew_->capacity() && seconds_of_part() >= kWarmTime;
    memory_.sample(resident_kib(), is_warm);
    summary_.memory_kib = memory_.last_kib();
    part_.memory_growth_kib = std::max(growth_before, memory_.growth_kib());
    if (part_.memory_growth_kib > options_.growth_limit_kib) {
      note({fmt::format("memory grew by {} KiB; {} KiB are allowed", part_.memory_growth_kib,
                        options_.growth_limit_kib)});
    }
  }

  /// After the last checkpoint of the part: takes everything apart, and looks what is left.
  void end_part() {
    crew_->release(false);
    crew_.reset();
    const Population now = census();
    part_.leaked = static_cast<std::int64_t>(now.alive() - objects_before_.alive());
    if (part_.leaked != 0) {
      note({fmt::format("{} message objects were constructed and {} destroyed",
                        now.constructed - objects_before_.constructed,
                        now.destroyed - objects_before_.destroyed)});
    }
    add_up();
  }

  void note(std::vector<std::string> faults) {
    std::ranges::move(faults, std::back_inserter(summary_.failures));
  }

  void add_up() {
    summary_.totals = earlier_.totals;
    summary_.totals.add(part_);
  }

  /// False, with a complaint, if there is a state file and it cannot be written.
  [[nodiscard]] bool save() const {
    if (options_.state.empty()) return true;
    const auto written = replace_file(options_.state, state_of(summary_));
    if (!written) complain(written.error());
    return written.has_value();
  }

  int finish() {
    progress_.erase();
    summary_.complete = summary_.complete && summary_.failures.empty();
    summary_.signal = signal_;
    bool all_written = save();
    if (!options_.json.empty()) {
      std::ofstream file{options_.json};
      file << to_json(summary_).dump(2) << '\n';
      if (!file.flush()) {
        complain(fmt::format("cannot write '{}'", options_.json));
        all_written = false;
      }
    }
    const std::string text = to_text(summary_);
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stdout));
    all_written = std::fflush(stdout) == 0 && all_written;
    if (!summary_.failures.empty() || !all_written) return kFailure;
    return signal_ ? 128 + *signal_ : kSuccess;
  }

  /// The second signal ends the program at once; the state stays as of the last checkpoint.
  void take_signals() {
    while (const std::optional<int> signal = signals_.take()) {
      if (*signal == SIGCHLD) continue;
      if (signal_) std::_Exit(128 + *signal);
      signal_ = signal;
    }
  }

  void draw(Clock::time_point now) {
    const Parameters& parameters = options_.parameters;
    Progress progress;
    const std::uint64_t published = crew_->published();
    progress.events = earlier_.totals.events + published;
    if (parameters.events > 0) {
      const double rate = static_cast<double>(published) / seconds_of_part().count();
      progress.share_done =
          static_cast<double>(progress.events) / static_cast<double>(parameters.events);
      progress.left =
          Seconds{static_cast<double>(parameters.events - progress.events) / std::max(rate, 1.0)};
    } else {
      progress.left = time_left();
      progress.share_done = 1 - progress.left / Seconds{parameters.duration};
    }
    progress.lost_share = summary_.lost_share();
    progress.memory_kib = resident_kib();
    progress_.draw(now, progress);
  }

  const SessionOptions& options_;
  const EarlierParts earlier_;
  SignalInbox signals_;
  std::optional<int> signal_;
  Summary summary_;
  Totals part_;
  Population objects_before_;
  MemoryWatch memory_;
  ProgressLine progress_;
  Clock::time_point started_at_;
  std::unique_ptr<Crew> crew_;
};

}  // namespace

int run_session(const SessionOptions& options) {
  EarlierParts earlier;
  if (!options.state.empty()) {
    auto loaded = load_state(options.state, options.parameters);
    if (!loaded) {
      complain(loaded.error());
      return kUsage;
    }
    if (*loaded) earlier = std::move(**loaded);
  }
  return Session{options, std::move(earlier)}.run();
}

}  // namespace ron::cli::soak
