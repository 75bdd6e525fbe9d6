// SPDX-License-Identifier: MIT OR Apache-2.0
#include "checker.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

namespace ron::test {
namespace {

constexpr std::int64_t kBeforeAll = std::numeric_limits<std::int64_t>::min();

class Checker {
 public:
  explicit Checker(const History& history) : history_{history} {}

  std::string fault() {
    collect();
    for (const auto& receives : history_.subscribers) follow(receives);
    check_order();
    for (const auto& receives : history_.subscribers) check_times(receives);
    check_counts();
    return fault_;
  }

 private:
  void require(bool holds, const char* what, std::uint64_t where) {
    if (!holds && fault_.empty()) fault_ = std::string{what} + " (" + std::to_string(where) + ")";
  }

  void collect() {
    for (const auto& publishes : history_.publishers) {
      for (const Publish& publish : publishes) {
        require(published_.emplace(publish.id, &publish).second, "published twice", publish.id);
        // Whether it was refused or nobody received it is the same here: it may be part of the
        // order from its begin on, and need never be.
        begins_.push_back(publish.when.begin);
      }
    }
    std::ranges::sort(begins_);
    order_.resize(history_.published);
  }

  /// One subscriber by itself, and what it says about the order.
  void follow(const std::vector<Receive>& receives) {
    std::optional<std::uint64_t> cursor;
    bool closed = false;
    for (const Receive& receive : receives) {
      if (receive.kind == Receive::Start) {
        cursor = receive.cursor;
        continue;
      }
      require(cursor == receive.cursor, "a cursor that jumps", receive.cursor);
      require(!closed || receive.kind == Receive::Closed, "something after the end",
              receive.cursor);
      if (receive.kind == Receive::Message) {
        note(receive);
        ++*cursor;
      } else if (receive.kind == Receive::Lagged) {
        require(receive.value > 0, "a lag of nothing", receive.cursor);
        *cursor += receive.value;
      } else if (receive.kind == Receive::Closed) {
        closed = true;
        require(receive.cursor == history_.published, "an end before the end", receive.cursor);
      }
    }
  }

  void note(const Receive& receive) {
    const auto found = published_.find(receive.value);
    if (found == published_.end()) return require(false, "received from nobody", receive.value);
    if (receive.cursor >= order_.size()) {
      return require(false, "received beyond the end", receive.cursor);
    }
    const Publish*& known = order_[receive.cursor];
    require(known == nullptr || known == found->second, "two orders", receive.cursor);
    known = found->second;
  }

  void check_order() {
    std::unordered_map<std::uint64_t, std::uint64_t> positions;
    std::vector<std::optional<std::uint64_t>> last(history_.publishers.size());
    std::int64_t latest_begin = kBeforeAll;
    for (std::uint64_t at = 0; at < order_.size(); ++at) {
      const Publish* const publish = order_[at];
      if (publish == nullptr) continue;  // nobody received it
      require(positions.emplace(publish->id, at).second, "at two places", publish->id);
      auto& before = last[publish->publisher];
      require(!before || *before < publish->id, "not in its publisher's order", at);
      before = publish->id;
      require(publish->when.end >= latest_begin, "published before what precedes it began", at);
      latest_begin = std::max(latest_begin, publish->when.begin);
      require(publish->when.begin <= history_.close.end, "published after the close", at);
      ends_.push_back({publish->when.end, at});
    }
    // From when on a tail must be beyond a position: the latest of all that are done by then.
    std::ranges::sort(ends_, {}, &Done::when);
    std::uint64_t most = 0;
    for (Done& done : ends_) done.position = most = std::max(most, done.position);
  }

  /// The tail at some moment of an interval.
  [[nodiscard]] std::uint64_t least_tail(const Interval& when) const {
    const auto behind = std::ranges::lower_bound(ends_, when.begin, {}, &Done::when);
    return behind == ends_.begin() ? 0 : std::prev(behind)->position + 1;
  }
  [[nodiscard]] std::uint64_t most_tail(const Interval& when) const {
    return static_cast<std::uint64_t>(std::ranges::upper_bound(begins_, when.end) -
                                      begins_.begin());
  }

  void check_times(const std::vector<Receive>& receives) {
    for (const Receive& receive : receives) {
      const std::uint64_t least = least_tail(receive.when);
      const std::uint64_t most = most_tail(receive.when);
      switch (receive.kind) {
        case Receive::Start:
          require(least <= receive.cursor && receive.cursor <= most, "a start that is no tail",
                  receive.cursor);
          break;
        case Receive::Message:
          require(receive.cursor >= order_.size() || order_[receive.cursor] == nullptr ||
                      order_[receive.cursor]->when.begin <= receive.when.end,
                  "received before it was published", receive.cursor);
          require(receive.cursor + history_.capacity >= least, "received after it was overwritten",
                  receive.cursor);
          break;
        case Receive::Lagged: {
          const std::uint64_t tail = receive.cursor + receive.value + history_.capacity;
          require(least <= tail, "a lag that leads to what is overwritten", receive.cursor);
          require(tail <= most, "a lag that leads beyond the oldest", receive.cursor);
          break;
        }
        case Receive::Nothing:
          require(least <= receive.cursor, "nothing, although there is something", receive.cursor);
          break;
        case Receive::Closed:
          require(receive.when.end >= history_.close.begin, "an end before the close",
                  receive.cursor);
          break;
      }
    }
  }

  void check_counts() {
    require(history_.published + history_.refused == begins_.size(),
            "neither published nor refused", begins_.size());
  }

  struct Done {
    std::int64_t when;
    std::uint64_t position;
  };

  const History& history_;
  std::unordered_map<std::uint64_t, const Publish*> published_;
  std::vector<std::int64_t> begins_;
  std::vector<const Publish*> order_;
  std::vector<Done> ends_;
  std::string fault_;
};

}  // namespace

std::string fault_of(const History& history) { return Checker{history}.fault(); }

}  // namespace ron::test
