// SPDX-License-Identifier: MIT OR Apache-2.0
#include "summary.hpp"

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace ron::cli::tee {
namespace {

constexpr std::size_t kCommandWidth = 32;

std::string signal_name(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : std::to_string(signal);
}

std::string ending_of(const CommandSummary& command) {
  std::string text;
  if (const auto status = command.exit_status()) text = fmt::format("exit {}", *status);
  if (const auto signal = command.signal()) {
    text = fmt::format("killed by signal {} ({})", *signal, signal_name(*signal));
  }
  if (command.left_early) text += ", stopped reading early";
  if (command.terminated) text += ", terminated by ronbus";
  return text;
}

nlohmann::ordered_json or_null(const std::optional<int>& number) {
  return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
}

}  // namespace

std::optional<int> CommandSummary::exit_status() const {
  if (WIFEXITED(wait_status)) return WEXITSTATUS(wait_status);
  return std::nullopt;
}

std::optional<int> CommandSummary::signal() const {
  if (WIFSIGNALED(wait_status)) return WTERMSIG(wait_status);
  return std::nullopt;
}

std::string shortened(const std::string& command, std::size_t width) {
  std::string text = command;
  std::ranges::replace_if(text, [](char c) { return c >= 0 && c < ' '; }, ' ');
  if (text.size() <= width) return text;
  std::size_t end = width - 3;
  // Not within a UTF-8 character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string to_text(const Summary& summary) {
  constexpr double kMebibyte = 1048576;
  const double seconds = std::max(summary.seconds, 1e-6);
  std::string text =
      fmt::format("ronbus: {} lines, {:.1f} MiB in {:.2f} s ({:.0f} lines/s, {:.0f} MiB/s)",
                  summary.lines, static_cast<double>(summary.bytes) / kMebibyte, summary.seconds,
                  static_cast<double>(summary.lines) / seconds,
                  static_cast<double>(summary.bytes) / kMebibyte / seconds);
  if (summary.signal) text += fmt::format(", ended by {}", signal_name(*summary.signal));
  text += '\n';
  std::size_t width = 0;
  for (const CommandSummary& command : summary.commands) {
    width = std::max(width, shortened(command.command, kCommandWidth).size());
  }
  for (const CommandSummary& command : summary.commands) {
    text +=
        fmt::format("  {}  {:<{}}  {} delivered, {} missed, {}\n",
                    command.lossy ? "lossy" : "plain", shortened(command.command, kCommandWidth),
                    width, command.delivered, command.missed, ending_of(command));
  }
  for (const std::string& error : summary.errors) text += "ronbus: " + error + '\n';
  return text;
}

std::string to_json(const Summary& summary) {
  using Json = nlohmann::ordered_json;
  Json json{{"lines", summary.lines},
            {"bytes", summary.bytes},
            {"seconds", summary.seconds},
            {"total_seconds", summary.total_seconds},
            {"signal", or_null(summary.signal)}};
  Json& commands = json["commands"] = Json::array();
  for (const CommandSummary& command : summary.commands) {
    commands.push_back({{"command", command.command},
                        {"lossy", command.lossy},
                        {"delivered", command.delivered},
                        {"missed", command.missed},
                        {"left_early", command.left_early},
                        {"terminated", command.terminated},
                        {"exit_status", or_null(command.exit_status())},
                        {"signal", or_null(command.signal())}});
  }
  json["errors"] = summary.errors;
  json["warnings"] = summary.warnings;
  json["exit_code"] = summary.exit_code;
  // A command need not be valid UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace ron::cli::tee
