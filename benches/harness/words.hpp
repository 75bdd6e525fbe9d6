// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The words `name=value` of a request.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ron::bench {

/// A request that cannot be understood. The text names the word and what is allowed.
class BadRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Hands out words by name, each checked; what was not asked for is an error in the end. All
/// functions throw BadRequest.
class Words {
 public:
  /// From what follows the verb of a line.
  explicit Words(const std::vector<std::string>& words);

  /// A word that must be given.
  [[nodiscard]] std::string take(std::string_view name);
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t least, std::uint64_t most,
                                     std::optional<std::uint64_t> fallback);
  [[nodiscard]] bool flag(std::string_view name) { return number(name, 0, 1, 0) == 1; }
  /// The position in `allowed` of a word that must be given unless there is a `fallback`.
  [[nodiscard]] std::size_t choice(std::string_view name,
                                   std::initializer_list<std::string_view> allowed,
                                   std::optional<std::size_t> fallback = {});

  /// Every word must have been asked for.
  void done() const;

 private:
  struct Word {
    std::string name;
    std::string value;
    bool taken = false;
  };

  [[nodiscard]] std::optional<std::string> find(std::string_view name);

  std::vector<Word> words_;
  /// Names asked for, given or not.
  std::vector<std::string> known_;
};

/// "a, b, c"
[[nodiscard]] std::string listed(const std::vector<std::string>& names);

}  // namespace ron::bench
