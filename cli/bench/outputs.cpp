// SPDX-License-Identifier: MIT OR Apache-2.0
#include "outputs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "../complain.hpp"
#include "html_report.hpp"
#include "markdown.hpp"
#include "svg_files.hpp"

namespace ron::cli::bench {
namespace {

std::string to_json(const Report& report) {
  // What runners say need not be valid UTF-8.
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  std::string text = write_report(report).dump(2, ' ', false, kReplace);
  text.push_back('\n');
  return text;
}

}  // namespace

std::expected<Outputs, std::string> Outputs::open(Paths paths) {
  const bool out_is_taken = paths.json == "-" || paths.html == "-";
  if (paths.markdown.empty() && !out_is_taken) paths.markdown.assign(1, '-');
  const std::array<std::pair<const std::string&, Form>, 3> wanted{
      {{paths.json, to_json}, {paths.markdown, to_markdown}, {paths.html, to_html}}};
  Outputs outputs;
  bool standard_output = false;
  for (const auto& [path, form] : wanted) {
    if (path.empty()) continue;
    if (path == "-" && std::exchange(standard_output, true)) {
      return std::unexpected{"only one report can go to standard output"};
    }
    auto file = OutputFile::open(path);
    if (!file) return std::unexpected{std::move(file.error())};
    outputs.outputs_.push_back({.form = form, .file = std::move(*file)});
  }
  if (!paths.svg.empty()) {
    std::error_code error;
    std::filesystem::create_directories(paths.svg, error);
    if (!error && ::access(paths.svg.c_str(), W_OK | X_OK) != 0) {
      error.assign(errno, std::generic_category());
    }
    if (error) {
      return std::unexpected{fmt::format("cannot write into '{}': {}", paths.svg, error.message())};
    }
    outputs.svg_ = paths.svg;
  }
  return outputs;
}

bool Outputs::write(const Report& report) {
  bool all = true;
  const auto write_to = [&all](OutputFile& file, std::string_view text) {
    const auto written = file.write(text);
    if (written) return;
    complain("bench: " + written.error());
    all = false;
  };
  for (Output& output : outputs_) write_to(output.file, output.form(report));
  if (svg_.empty()) return all;
  for (const SvgFile& chart : to_svg_files(report)) {
    auto file = OutputFile::open(svg_ / chart.name);
    if (file) {
      write_to(*file, chart.content);
    } else {
      complain("bench: " + file.error());
      all = false;
    }
  }
  return all;
}

}  // namespace ron::cli::bench
