// SPDX-License-Identifier: MIT OR Apache-2.0
#include "command_line.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

namespace ron::cli::bench {
namespace {

std::string quoted_for_shell(std::string_view word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"_-./=:,+@%"}.contains(c);
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return std::string{word};
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return text + "'";
}

}  // namespace

std::string command_line() {
  std::string text = "ronbus";
  std::ifstream file{"/proc/self/cmdline"};
  std::string word;
  std::getline(file, word, '\0');  // where the program lies
  while (std::getline(file, word, '\0')) text += " " + quoted_for_shell(word);
  return text;
}

}  // namespace ron::cli::bench
