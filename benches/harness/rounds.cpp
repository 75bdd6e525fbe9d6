// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/rounds.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "harness/check.hpp"

namespace ron::bench {
namespace {

/// One line on the terminal that is written over and in the end wiped out.
class Progress {
 public:
  Progress() : shown_{isatty(STDERR_FILENO) == 1} {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { show(""); }

  void show(const std::string& text) const {
    if (!shown_) return;
    fmt::print(stderr, "\r\033[K{}", text);
    std::fflush(stderr);
  }

 private:
  bool shown_;
};

/// How many rounds there are.
class Budget {
 public:
  Budget(std::size_t rounds, std::optional<double> seconds) : rounds_{rounds}, seconds_{seconds} {}

  /// Whether there is another one after `done` of them: if time counts, one as long as the mean of
  /// those has to fit in.
  [[nodiscard]] bool allows(std::size_t done) const {
    if (!seconds_) return done < rounds_;
    if (done == 0) return true;
    const double each = elapsed() / static_cast<double>(done);
    return elapsed() + each <= *seconds_;
  }
  [[nodiscard]] std::string progress(std::size_t done) const {
    return seconds_ ? fmt::format("{:.0f}/{:.0f} s", elapsed(), *seconds_)
                    : fmt::format("round {}/{}", done + 1, rounds_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] double elapsed() const {
    return std::chrono::duration<double>{Clock::now() - begin_}.count();
  }

  std::size_t rounds_;
  std::optional<double> seconds_;
  Clock::time_point begin_ = Clock::now();
};

void verify(Case& subject) {
  if (!subject.verify) return;
  try {
    subject.verify();
  } catch (const WrongAnswer& wrong) {
    throw WrongAnswer{subject.results.front().name + ": " + wrong.what()};
  }
}

void run(Case& subject, bool keep) {
  std::vector<double> samples(subject.results.size());
  try {
    subject.run(samples);
  } catch (const WrongAnswer& wrong) {
    throw WrongAnswer{subject.results.front().name + ": " + wrong.what()};
  }
  if (!keep) return;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    subject.results[i].samples.push_back(samples[i]);
  }
}

}  // namespace

bool select(std::vector<Case>& cases, const std::string& filter) {
  std::set<std::string> wanted;
  for (const Case& candidate : cases) {
    for (const Result& result : candidate.results) {
      if (!result.name.contains(filter)) continue;
      wanted.insert(result.name);
      for (const Ratio& ratio : result.ratios) wanted.insert(ratio.reference);
    }
  }
  std::erase_if(cases, [&](const Case& candidate) {
    return std::ranges::none_of(candidate.results,
                                [&](const Result& result) { return wanted.contains(result.name); });
  });
  return !cases.empty();
}

std::vector<Result> run_rounds(std::vector<Case>& cases, std::size_t warm_ups, std::size_t rounds,
                               std::optional<double> seconds) {
  const Progress progress;
  for (Case& subject : cases) {
    progress.show("verifying " + subject.results.front().name);
    verify(subject);
  }
  for (std::size_t round = 0; round < warm_ups; ++round) {
    for (Case& subject : cases) {
      progress.show("warming up  " + subject.results.front().name);
      run(subject, false);
    }
  }
  const Budget budget{rounds, seconds};
  for (std::size_t round = 0; budget.allows(round); ++round) {
    for (Case& subject : cases) {
      progress.show(fmt::format("{}  {}", budget.progress(round), subject.results.front().name));
      run(subject, true);
    }
  }

  std::vector<Result> results;
  for (Case& subject : cases) {
    std::ranges::move(subject.results, std::back_inserter(results));
    subject.results.clear();
  }
  evaluate(results);
  return results;
}

}  // namespace ron::bench
