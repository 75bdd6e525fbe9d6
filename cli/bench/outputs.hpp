// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "output_file.hpp"
#include "report.hpp"

namespace ron::cli::bench {

/// Where the reports go.
class Outputs {
 public:
  /// Empty for none, except that Markdown goes to standard output if nothing else does.
  struct Paths {
    std::string json;
    std::string markdown;
    std::string html;
    std::string svg;  ///< a folder, made if there is none
  };

  /// Opens them all. Or one line that says which cannot be written.
  [[nodiscard]] static std::expected<Outputs, std::string> open(Paths paths);

  /// False if one could not be written, after a complaint about it.
  [[nodiscard]] bool write(const Report& report);

 private:
  using Form = std::string (*)(const Report&);
  struct Output {
    Form form;
    OutputFile file;
  };

  std::vector<Output> outputs_;
  std::filesystem::path svg_;
};

}  // namespace ron::cli::bench
