// SPDX-License-Identifier: MIT OR Apache-2.0
#include "table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "../number_text.hpp"
#include "../text_columns.hpp"

namespace ron::cli::watch {
namespace {

constexpr std::array<std::pair<Sort, std::string_view>, 4> kSorts{
    {{Sort::Lag, "lag"}, {Sort::Lost, "lost"}, {Sort::Rate, "rate"}, {Sort::Name, "name"}}};

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kFaint = "\x1b[2m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

/// Columns of the numbers, with the spaces before them.
constexpr std::size_t kNumberColumns = 47;
constexpr std::size_t kLeastName = 12;
constexpr std::size_t kMostName = 40;
constexpr std::size_t kMostHistory = 60;

/// One line, cut where the terminal ends.
class Line {
 public:
  explicit Line(const TableStyle& style)
      : style_{style}, left_{style.columns > 0 ? style.columns : std::string::npos} {}

  /// Adds printable text.
  Line& add(std::string_view text, std::string_view colour = {}) {
    const std::size_t columns = columns_of(text);
    const bool coloured = style_.colour && !colour.empty();
    if (coloured) text_ += colour;
    if (columns <= left_) {
      text_ += text;
    } else {
      text_ += fitted(text, left_);
    }
    left_ -= std::min(columns, left_);
    if (coloured) text_ += kPlain;
    return *this;
  }
  [[nodiscard]] std::string text() && {
    if (!style_.colour) text_.resize(text_.find_last_not_of(' ') + 1);
    return std::move(text_);
  }

 private:
  const TableStyle& style_;
  std::size_t left_;
  std::string text_;
};

struct Layout {
  std::size_t name = 0;
  std::size_t history = 0;
};

Layout layout_of(const std::vector<WatchedBus>& buses, const TableStyle& style) {
  std::size_t longest = 0;
  for (const WatchedBus& bus : buses) {
    longest = std::max(longest, columns_of(printable(bus.now.name)));
    for (const WatchedSubscriber& subscriber : bus.subscribers) {
      longest = std::max(longest, columns_of(printable(subscriber.now.name)) + 2);
    }
  }
  if (style.columns == 0) return {.name = std::max(longest, kLeastName), .history = 0};
  Layout layout;
  const std::size_t left = style.columns - std::min(style.columns, kNumberColumns + 2);
  layout.name = std::clamp(longest, kLeastName, std::clamp(left / 2, kLeastName, kMostName));
  layout.history = std::min(left - std::min(left, layout.name), kMostHistory);
  return layout;
}

std::string rate_text(const std::optional<double>& rate) { return rate ? compact(*rate) : "-"; }

std::string count_text(std::uint64_t count) { return compact(static_cast<double>(count)); }

/// Of all messages that somebody should have got.
std::string lost_share(std::uint64_t missed, std::uint64_t received) {
  if (missed == 0) return "0";
  const double share = 100 * static_cast<double>(missed) /
                       (static_cast<double>(missed) + static_cast<double>(received));
  if (share < 0.01) return "<0.01";
  return fmt::format("{:.{}f}", share, share < 9.995 ? 2 : 1);
}

void add_history(Line& line, const History& history, std::size_t width, bool unicode) {
  constexpr std::array<std::string_view, 9> kBlocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array<std::string_view, 9> kSigns{" ", ".", ":", "-", "=", "+", "*", "#", "@"};
  constexpr double kLevels = 8;
  const std::size_t count = std::min(width, history.size());
  line.add(std::string(width - count + 2, ' '));
  for (std::size_t i = history.size() - count; i < history.size(); ++i) {
    const auto level =
        static_cast<std::size_t>(std::clamp(std::ceil(history[i].share * kLevels), 0.0, kLevels));
    // Whoever is told of a loss is back among what is retained, and may look as if it kept up.
    const std::size_t shown = history[i].lost ? std::max<std::size_t>(level, 1) : level;
    line.add(unicode ? kBlocks[shown] : kSigns[shown], history[i].lost ? kRed : std::string_view{});
  }
}

struct Row {
  std::string name;
  std::optional<double> rate;
  std::optional<double> lost_rate;
  std::uint64_t missed;
  std::uint64_t received;
  std::string behind;
  const History& history;
};

std::string text_of(const Row& row, std::string_view colour, const Layout& layout,
                    const TableStyle& style) {
  Line line{style};
  const auto number = [](std::string_view text, std::size_t width) {
    return fmt::format("{:>{}}", text, width);
  };
  line.add(fitted(row.name, layout.name), colour);
  line.add(number(rate_text(row.rate), 10));
  const bool loses = row.lost_rate.value_or(0) > 0;
  line.add(number(rate_text(row.lost_rate), 10), loses ? kRed : std::string_view{});
  line.add(number(count_text(row.missed), 10));
  line.add(number(lost_share(row.missed, row.received), 7));
  line.add(number(row.behind, 10));
  if (layout.history > 0) add_history(line, row.history, layout.history, style.unicode);
  return std::move(line).text();
}

std::string duration_text(double nanoseconds) {
  constexpr std::array<std::string_view, 4> kUnits{"ns", "us", "ms", "s"};
  std::size_t unit = 0;
  for (; nanoseconds >= 999.5 && unit + 1 < kUnits.size(); ++unit) nanoseconds /= 1000;
  return fmt::format("{:.{}f} {}", nanoseconds, nanoseconds < 9.95 && unit > 0 ? 1 : 0,
                     kUnits[unit]);
}

std::string plural(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string details_of(const WatchedBus& bus) {
  const BusReading& now = bus.now;
  std::string text = "  " + printable(now.mode);
  const auto add = [&text](const std::string& part) { text += ", " + part; };
  if (now.closed) add("closed");
  add(plural(now.publishers, "publisher"));
  add(plural(now.subscriber_count, "subscriber"));
  add(fmt::format("{} of {} retained", now.retained, now.capacity));
  if (now.refused > 0) add(fmt::format("{} refused", now.refused));
  const auto add_latency = [&add](const char* what, const std::optional<Latency>& latency) {
    if (!latency) return;
    add(fmt::format("{} p50 {} p99 {}", what, duration_text(latency->p50),
                    duration_text(latency->p99)));
  };
  add_latency("publish", bus.publish);
  add_latency("end to end", bus.end_to_end);
  return text;
}

std::string heading(const Layout& layout, const TableStyle& style) {
  std::string text = fmt::format("{}{:>10}{:>10}{:>10}{:>7}{:>10}", fitted("NAME", layout.name),
                                 "MSG/S", "LOST/S", "LOST", "LOST %", "BEHIND");
  if (layout.history >= 7) text += fmt::format("{:>{}}", "HISTORY", layout.history + 2);
  return std::move(Line{style}.add(text, kFaint)).text();
}

/// What a bus or a subscriber is sorted by.
struct Key {
  bool present;
  std::uint64_t behind;
  double lost_rate;
  std::uint64_t missed;
  double rate;
  std::string_view name;
};

Key key_of(const WatchedBus& bus) {
  return {.present = true,
          .behind = bus.now.depth,
          .lost_rate = bus.rates.missed.value_or(0),
          .missed = bus.missed(),
          .rate = bus.published_rate.value_or(0),
          .name = bus.now.name};
}

Key key_of(const WatchedSubscriber& subscriber) {
  return {.present = subscriber.now.present,
          .behind = subscriber.now.behind,
          .lost_rate = subscriber.rates.missed.value_or(0),
          .missed = subscriber.now.missed,
          .rate = subscriber.rates.received.value_or(0),
          .name = subscriber.now.name};
}

template <class Watched>
void put_in_order(std::vector<Watched>& all, Sort sort) {
  std::ranges::sort(all, [sort](const Watched& left, const Watched& right) {
    const Key a = key_of(left);
    const Key b = key_of(right);
    switch (sort) {
      case Sort::Lag:
        if (a.present != b.present) return a.present;
        if (a.behind != b.behind) return a.behind > b.behind;
        break;
      case Sort::Lost:
        if (a.lost_rate != b.lost_rate) return a.lost_rate > b.lost_rate;
        if (a.missed != b.missed) return a.missed > b.missed;
        break;
      case Sort::Rate:
        if (a.rate != b.rate) return a.rate > b.rate;
        break;
      case Sort::Name:
        break;
    }
    return a.name < b.name;
  });
}

}  // namespace

std::string_view to_string(Sort sort) noexcept {
  return std::ranges::find(kSorts, sort, &decltype(kSorts)::value_type::first)->second;
}

std::optional<Sort> sort_named(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kSorts, name, &decltype(kSorts)::value_type::second);
  if (found == kSorts.end()) return std::nullopt;
  return found->first;
}

Sort next(Sort sort) noexcept {
  const auto* const found = std::ranges::find(kSorts, sort, &decltype(kSorts)::value_type::first);
  return (found + 1 == kSorts.end() ? kSorts.begin() : found + 1)->first;
}

std::vector<WatchedBus> chosen(const std::vector<WatchedBus>& buses, std::string_view filter,
                               Sort sort) {
  std::vector<WatchedBus> result;
  for (const WatchedBus& bus : buses) {
    const bool whole = bus.now.name.find(filter) != std::string::npos;
    WatchedBus shown = bus;
    if (!whole) {
      std::erase_if(shown.subscribers, [filter](const WatchedSubscriber& subscriber) {
        return subscriber.now.name.find(filter) == std::string::npos;
      });
      if (shown.subscribers.empty()) continue;
    }
    put_in_order(shown.subscribers, sort);
    result.push_back(std::move(shown));
  }
  put_in_order(result, sort);
  return result;
}

std::vector<std::string> table_of(const std::vector<WatchedBus>& buses, const TableStyle& style) {
  const Layout layout = layout_of(buses, style);
  std::vector<std::string> lines{heading(layout, style)};
  for (const WatchedBus& bus : buses) {
    lines.push_back(text_of({.name = printable(bus.now.name),
                             .rate = bus.published_rate,
                             .lost_rate = bus.rates.missed,
                             .missed = bus.missed(),
                             .received = bus.received(),
                             .behind = count_text(bus.now.depth),
                             .history = bus.history},
                            kBold, layout, style));
    lines.push_back(std::move(Line{style}.add(details_of(bus), kFaint)).text());
    for (const WatchedSubscriber& subscriber : bus.subscribers) {
      lines.push_back(
          text_of({.name = "  " + printable(subscriber.now.name),
                   .rate = subscriber.rates.received,
                   .lost_rate = subscriber.rates.missed,
                   .missed = subscriber.now.missed,
                   .received = subscriber.now.received,
                   .behind = subscriber.now.present ? count_text(subscriber.now.behind) : "gone",
                   .history = subscriber.history},
                  {}, layout, style));
    }
  }
  return lines;
}

bool terminal_has_unicode() {
  for (const char* const variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    // Nobody in this program changes the environment.
    const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale{value};
    return locale.find("UTF-8") != std::string_view::npos ||
           locale.find("utf8") != std::string_view::npos ||
           locale.find("utf-8") != std::string_view::npos;
  }
  return false;
}

}  // namespace ron::cli::watch
