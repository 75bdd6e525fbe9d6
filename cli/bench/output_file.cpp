// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output_file.hpp"

#include <cerrno>
#include <cstddef>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ron::cli::bench {

std::expected<OutputFile, std::string> OutputFile::open(const std::string& path) {
  constexpr mode_t kMode = 0666;
  const int descriptor = path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                                     : ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kMode);
  if (descriptor < 0) {
    return std::unexpected{
        fmt::format("cannot write '{}': {}", path, std::generic_category().message(errno))};
  }
  return OutputFile{path, FileDescriptor{descriptor}};
}

std::expected<void, std::string> OutputFile::write(std::string_view text) {
  const auto failed = [this] {
    return std::unexpected{
        fmt::format("cannot write '{}': {}", path_, std::generic_category().message(errno))};
  };
  struct stat status{};
  const bool regular = ::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode);
  if (path_ != "-" && regular && ::ftruncate(file_.get(), 0) != 0) return failed();
  while (!text.empty()) {
    const ssize_t count = ::write(file_.get(), text.data(), text.size());
    if (count < 0 && errno != EINTR) return failed();
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace ron::cli::bench
