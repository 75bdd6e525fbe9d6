// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runners_folder.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace ron::cli::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint = "scripts/bench report builds the runners";

bool is_runner(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.path().filename().string().starts_with("runner_") &&
         entry.is_regular_file(ignored) && ::access(entry.path().c_str(), X_OK) == 0;
}

std::vector<fs::path> runners_in(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> runners;
  for (fs::directory_iterator entry{folder, error}, end; !error && entry != end;
       entry.increment(error)) {
    if (is_runner(*entry)) runners.push_back(entry->path());
  }
  std::ranges::sort(runners);
  return runners;
}

/// Of a folder that somebody named, by `name`.
std::expected<std::vector<fs::path>, std::string> named(std::string_view name,
                                                        const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> runners = runners_in(folder, error);
  if (error) {
    return std::unexpected{fmt::format("{}={} is not usable: {}; allowed: a folder with runners",
                                       name, folder.empty() ? "(empty)" : folder, error.message())};
  }
  if (runners.empty()) {
    return std::unexpected{
        fmt::format("{}={} is not usable: it has no executable runner_*; {}", name, folder, kHint)};
  }
  return runners;
}

}  // namespace

std::expected<std::vector<fs::path>, std::string> find_runners(const std::string& given) {
  if (!given.empty()) return named("--runners", given);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes it
  if (const char* const variable = std::getenv("RONBUS_RUNNERS")) {
    return named("RONBUS_RUNNERS", variable);
  }
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const fs::path beside = folder / "benches";
  const fs::path installed = folder.parent_path() / "lib" / "ronbus" / "benches";
  for (const fs::path& place : {beside, installed}) {
    std::error_code error;
    std::vector<fs::path> runners = runners_in(place, error);
    if (!runners.empty()) return runners;
  }
  return std::unexpected{fmt::format("no executable runner_* in {} or {}; {}", beside.string(),
                                     installed.string(), kHint)};
}

}  // namespace ron::cli::bench
