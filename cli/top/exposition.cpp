// SPDX-License-Identifier: MIT OR Apache-2.0
#include "exposition.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "../text_columns.hpp"

namespace ron::cli::top {
namespace {

using Wrong = std::unexpected<std::string>;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return is_letter(c) || c == ':'; }

/// Reads one line from left to right.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : left_{line} {}

  [[nodiscard]] std::expected<Sample, std::string> sample() {
    Sample sample;
    sample.name = name(is_name_start);
    if (sample.name.empty()) return wrong("the name of a metric");
    skip_blanks();
    if (take('{')) {
      if (auto labels = this->labels()) {
        sample.labels = std::move(*labels);
      } else {
        return Wrong{std::move(labels.error())};
      }
      skip_blanks();
    }
    const auto value = this->value();
    if (!value) return Wrong{value.error()};
    sample.value = *value;
    skip_blanks();
    if (!left_.empty()) {
      if (!timestamp()) return wrong("the end of the line or a timestamp");
      skip_blanks();
      if (!left_.empty()) return wrong("the end of the line");
    }
    return sample;
  }

 private:
  void skip_blanks() {
    left_.remove_prefix(std::min(left_.find_first_not_of(" \t"), left_.size()));
  }

  bool take(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }

  /// What is there instead of what was expected.
  [[nodiscard]] Wrong wrong(std::string_view expected) const {
    constexpr std::size_t kShown = 20;
    if (left_.empty()) return Wrong{fmt::format("it ends where {} should be", expected)};
    return Wrong{fmt::format("'{}{}' is where {} should be", printable(left_.substr(0, kShown)),
                             left_.size() > kShown ? "..." : "", expected)};
  }

  std::string_view name(bool (*may_start)(char)) {
    std::size_t size = 0;
    while (size < left_.size() && (may_start(left_[size]) || (size > 0 && is_digit(left_[size])))) {
      ++size;
    }
    const std::string_view name = left_.substr(0, size);
    left_.remove_prefix(size);
    return name;
  }

  /// Behind the brace that opens.
  [[nodiscard]] std::expected<std::vector<Label>, std::string> labels() {
    std::vector<Label> labels;
    for (;;) {
      skip_blanks();
      if (take('}')) return labels;
      Label label;
      label.name = name(is_letter);
      if (label.name.empty()) return wrong("the name of a label or '}'");
      if (std::ranges::find(labels, label.name, &Label::name) != labels.end()) {
        return Wrong{fmt::format("it has the label {} twice", label.name)};
      }
      skip_blanks();
      if (!take('=')) return wrong("'='");
      skip_blanks();
      if (!take('"')) return wrong("'\"'");
      auto text = quoted();
      if (!text) return Wrong{std::move(text.error())};
      label.value = std::move(*text);
      labels.push_back(std::move(label));
      skip_blanks();
      if (take('}')) return labels;
      if (!take(',')) return wrong("',' or '}'");
    }
  }

  /// Behind the quote that opens.
  [[nodiscard]] std::expected<std::string, std::string> quoted() {
    std::string text;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      char c = left_[i];
      if (c == '"') {
        left_.remove_prefix(i + 1);
        return text;
      }
      if (c == '\\') {
        ++i;
        const char escaped = i < left_.size() ? left_[i] : '\0';
        if (escaped != '\\' && escaped != '"' && escaped != 'n') {
          left_.remove_prefix(i - 1);
          return wrong(R"(one of \\, \" and \n)");
        }
        c = escaped == 'n' ? '\n' : escaped;
      }
      text += c;
    }
    return Wrong{"the value of a label has no closing quote"};
  }

  [[nodiscard]] std::expected<double, std::string> value() {
    const std::string_view word = left_.substr(0, left_.find_first_of(" \t"));
    std::string_view number = word;
    if (number.starts_with('+')) number.remove_prefix(1);
    double value = 0;
    const auto [end, failure] = std::from_chars(number.begin(), number.end(), value);
    const bool has_two_signs = word.starts_with("+-");
    if (failure != std::errc{} || end != number.end() || has_two_signs) return wrong("a number");
    left_.remove_prefix(word.size());
    return value;
  }

  bool timestamp() {
    const std::string_view word = left_.substr(0, left_.find_first_of(" \t"));
    std::int64_t milliseconds = 0;
    const auto [end, failure] = std::from_chars(word.begin(), word.end(), milliseconds);
    if (failure != std::errc{} || end != word.end()) return false;
    left_.remove_prefix(word.size());
    return true;
  }

  std::string_view left_;
};

}  // namespace

const std::string* Sample::label(std::string_view wanted) const {
  const auto found = std::ranges::find(labels, wanted, &Label::name);
  return found != labels.end() ? &found->value : nullptr;
}

std::expected<std::vector<Sample>, std::string> samples_in(std::string_view text) {
  std::vector<Sample> samples;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return Wrong{fmt::format("line {}: the text ends within it", number)};
    }
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || line.front() == '#') continue;
    auto sample = LineReader{line}.sample();
    if (!sample) return Wrong{fmt::format("line {}: {}", number, sample.error())};
    sample->line = number;
    samples.push_back(std::move(*sample));
  }
  return samples;
}

}  // namespace ron::cli::top
