// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "../file_descriptor.hpp"

namespace ron::cli::bench {

/// A file that is opened long before it is written, so that a mistyped path is found out at once.
/// What it held before stays until it is written.
class OutputFile {
 public:
  /// "-" is standard output. Or one line that says why not.
  [[nodiscard]] static std::expected<OutputFile, std::string> open(const std::string& path);

  /// Replaces the content.
  [[nodiscard]] std::expected<void, std::string> write(std::string_view text);

 private:
  OutputFile(std::string path, FileDescriptor file)
      : path_{std::move(path)}, file_{std::move(file)} {}

  std::string path_;
  FileDescriptor file_;
};

}  // namespace ron::cli::bench
