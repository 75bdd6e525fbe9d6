// SPDX-License-Identifier: MIT OR Apache-2.0
#include "harness/words.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ron::bench {

Words::Words(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw BadRequest{fmt::format("{}: expected name=value", word)};
    }
    std::string name = word.substr(0, equals);
    if (std::ranges::find(words_, name, &Word::name) != words_.end()) {
      throw BadRequest{fmt::format("{}: {} is given twice", word, name)};
    }
    words_.push_back({.name = std::move(name), .value = word.substr(equals + 1)});
  }
}

std::optional<std::string> Words::find(std::string_view name) {
  known_.emplace_back(name);
  const auto word = std::ranges::find(words_, name, &Word::name);
  if (word == words_.end()) return std::nullopt;
  word->taken = true;
  return word->value;
}

std::string Words::take(std::string_view name) {
  auto value = find(name);
  if (!value) throw BadRequest{fmt::format("{} is missing", name)};
  return std::move(*value);
}

std::uint64_t Words::number(std::string_view name, std::uint64_t least, std::uint64_t most,
                            std::optional<std::uint64_t> fallback) {
  const auto value = find(name);
  if (!value) {
    if (!fallback) throw BadRequest{fmt::format("{} is missing", name)};
    return *fallback;
  }
  std::uint64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [rest, error] = std::from_chars(value->data(), end, number);
  if (error != std::errc{} || rest != end || number < least || number > most) {
    throw BadRequest{
        fmt::format("{}={}: expected a whole number from {} to {}", name, *value, least, most)};
  }
  return number;
}

std::size_t Words::choice(std::string_view name, std::initializer_list<std::string_view> allowed,
                          std::optional<std::size_t> fallback) {
  const auto value = find(name);
  if (!value) {
    if (!fallback) throw BadRequest{fmt::format("{} is missing", name)};
    return *fallback;
  }
  const auto* const found = std::ranges::find(allowed, *value);
  if (found == allowed.end()) {
    throw BadRequest{fmt::format("{}={}: none of {}", name, *value, fmt::join(allowed, ", "))};
  }
  return static_cast<std::size_t>(found - allowed.begin());
}

void Words::done() const {
  for (const Word& word : words_) {
    if (word.taken) continue;
    throw BadRequest{
        fmt::format("{}={}: this workload takes {}", word.name, word.value, listed(known_))};
  }
}

std::string listed(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace ron::bench
