// SPDX-License-Identifier: MIT OR Apache-2.0
#include "crew.hpp"

#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ronbus/builder.hpp"
#include "ronbus/bus.hpp"

#include "../pacer.hpp"
#include "ledger.hpp"
#include "payload.hpp"
#include "publishing.hpp"
#include "rendezvous.hpp"
#include "stamp.hpp"
#include "subscribing.hpp"
#include "visiting.hpp"

namespace ron::cli::soak {
namespace {

/// Threads are numbered: publishers, subscribers, and the one with all visitors.
template <class Payload>
class CrewOf final : public Crew {
 public:
  using Message = typename Payload::Message;

  CrewOf(Bus<Message> bus, const Parameters& parameters, std::uint64_t events)
      : parameters_{parameters},
        bus_{std::move(bus)},
        work_{events},
        rendezvous_{thread_count(parameters)},
        tallies_(parameters.publishers) {
    publishers_.reserve(parameters.publishers);
    for (std::size_t i = 0; i < parameters.publishers; ++i) {
      publishers_.push_back(bus_.publisher().value());
    }
    const std::size_t count = subscribers_in(parameters);
    subscribers_.reserve(count);
    ledgers_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const bool gates = i < parameters.gating;
      subscribers_.push_back(bus_.subscribe({.gating = gates}));
      ledgers_.push_back(std::make_unique<Ledger>(
          parameters.publishers, gates ? Ledger::Order::Gapless : Ledger::Order::Rising));
    }
    start();
  }

  void call() override { rendezvous_.call(); }
  bool publishers_rest(std::chrono::milliseconds patience) override {
    return rendezvous_.wait_for(0, parameters_.publishers, patience);
  }
  bool publish_marker(std::chrono::milliseconds patience) override {
    const bool done =
        publishers_.front().publish_wait(Payload::make(kMarker), patience).has_value();
    markers_ += done ? 1 : 0;
    return done;
  }
  bool all_rest(std::chrono::milliseconds patience) override {
    return rendezvous_.wait_for(0, thread_count(parameters_), patience);
  }

  [[nodiscard]] std::string absent() const override {
    std::string names;
    const auto add = [&](std::size_t thread, const std::string& name) {
      if (!rendezvous_.rests(thread)) names += (names.empty() ? "" : ", ") + name;
    };
    const std::size_t first = parameters_.publishers;
    for (std::size_t i = 0; i < first; ++i) add(i, fmt::format("publisher {}", i));
    for (std::size_t i = 0; i < subscribers_.size(); ++i) add(first + i, name_of(i, parameters_));
    if (parameters_.churn > 0) add(first + subscribers_.size(), "the visitors");
    return names;
  }

  void release(bool go_on) override {
    for (const auto& ledger : ledgers_) ledger->begin_round();
    rendezvous_.release(go_on);
  }

  [[nodiscard]] std::uint64_t published() const override { return bus_.published() - markers_; }
  [[nodiscard]] std::size_t capacity() const override { return bus_.capacity(); }

  [[nodiscard]] QuietMoment observe() const override {
    QuietMoment moment;
    for (const PublisherTally& tally : tallies_) {
      moment.published += tally.published;
      moment.refused += tally.refused;
      moment.uncovered += tally.uncovered;
    }
    moment.markers = markers_;
    moment.bus_published = bus_.published();
    moment.bus_refused = bus_.refused();
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
      moment.subscribers.push_back({.name = name_of(i, parameters_),
                                    .gating = subscribers_[i].is_gating(),
                                    .ledger = *ledgers_[i],
                                    .received = subscribers_[i].received(),
                                    .missed = subscribers_[i].missed(),
                                    .lag = subscribers_[i].lag()});
    }
    moment.visitor_fault = visitor_tally_.fault;
    return moment;
  }

  [[nodiscard]] Totals totals() const override {
    Totals totals;
    for (const PublisherTally& tally : tallies_) {
      totals.events += tally.published;
      totals.refused += tally.refused;
    }
    for (const auto& ledger : ledgers_) {
      totals.subscribers.push_back(
          {.received = ledger->received(), .missed = ledger->missed(), .lags = ledger->lags()});
    }
    totals.visitors = visitor_tally_.visitors;
    totals.all_visitors = {.received = visitor_tally_.received,
                           .missed = visitor_tally_.missed,
                           .lags = visitor_tally_.lags};
    return totals;
  }

 private:
  [[nodiscard]] static std::size_t thread_count(const Parameters& parameters) {
    return parameters.publishers + subscribers_in(parameters) + (parameters.churn > 0 ? 1 : 0);
  }

  void start() {
    const std::size_t publishers = parameters_.publishers;
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
      const bool slow = i >= parameters_.subscribers;
      const typename Subscribing<Payload>::Role role{
          .thread = publishers + i,
          .way = slow ? Way::ByValue : static_cast<Way>(i % kWays),
          .pause = slow ? parameters_.slow : std::chrono::microseconds{0}};
      threads_.emplace_back([this, i, role] {
        Subscribing<Payload>{subscribers_[i], role, *ledgers_[i]}.run(rendezvous_);
      });
    }
    if (parameters_.churn > 0) {
      threads_.emplace_back([this, publishers] {
        Visiting<Payload>{bus_, publishers, parameters_.gating > 0, visitor_tally_}.run(
            parameters_.churn, rendezvous_, publishers + subscribers_.size());
      });
    }
    const double pace = static_cast<double>(parameters_.pace) / static_cast<double>(publishers);
    for (std::size_t i = 0; i < publishers; ++i) {
      const typename Publishing<Payload>::Role role{
          .owner = i, .waits = parameters_.gating > 0, .least_subscribers = subscribers_.size()};
      threads_.emplace_back([this, i, role, pace] {
        Publishing<Payload>{publishers_[i], role, tallies_[i]}.run(work_, Pacer{pace}, rendezvous_);
      });
    }
  }

  const Parameters& parameters_;
  Bus<Message> bus_;
  Work work_;
  Rendezvous rendezvous_;
  std::uint64_t markers_ = 0;
  std::vector<Publisher<Message>> publishers_;
  std::vector<PublisherTally> tallies_;
  std::vector<Subscriber<Message>> subscribers_;
  std::vector<std::unique_ptr<Ledger>> ledgers_;
  VisitorTally visitor_tally_;
  std::vector<std::jthread> threads_;  // goes first: it uses all of the above
};

template <class Payload>
std::expected<std::unique_ptr<Crew>, BuildError> start_crew_of(const Parameters& parameters,
                                                               std::uint64_t events) {
  auto bus = BusBuilder{}
                 .cap(parameters.capacity)
                 .single_publisher(parameters.publishers == 1)
                 .build<typename Payload::Message>();
  if (!bus) return std::unexpected{std::move(bus.error())};
  return std::make_unique<CrewOf<Payload>>(std::move(*bus), parameters, events);
}

}  // namespace

std::expected<std::unique_ptr<Crew>, BuildError> start_crew(const Parameters& parameters,
                                                            std::uint64_t events) {
  return parameters.payload == PayloadKind::U64 ? start_crew_of<U64Payload>(parameters, events)
                                                : start_crew_of<EventPayload>(parameters, events);
}

}  // namespace ron::cli::soak
