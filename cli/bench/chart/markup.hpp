// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ron::cli::bench::chart {

/// `text` as content or attribute value of XML and HTML. Characters that XML does not allow are
/// replaced.
[[nodiscard]] std::string escaped(std::string_view text);

/// A length, with one decimal at most.
[[nodiscard]] std::string length(double value);

struct Attribute {
  Attribute(std::string_view given_name, std::string_view text) : name{given_name}, value{text} {}
  template <class T>
    requires std::integral<T> || std::floating_point<T>
  Attribute(std::string_view given_name, T number)
      : name{given_name}, value{length(static_cast<double>(number))} {}

  std::string_view name;
  std::string value;
};

using Attributes = std::initializer_list<Attribute>;

enum class Anchor { Start, Middle, End };

/// Writes elements one behind the other; what is opened has to be closed.
class Markup {
 public:
  void open(std::string_view element, Attributes attributes = {});
  void close();
  /// An element without content.
  void leaf(std::string_view element, Attributes attributes);
  /// An element with nothing but text in it.
  void leaf(std::string_view element, Attributes attributes, std::string_view text);

  void text(double x, double y, Anchor anchor, std::string_view style, std::string_view content);
  void line(double x1, double y1, double x2, double y2, std::string_view style);
  void rect(double x, double y, double width, double height, std::string_view style);

  /// Verbatim, for what is not text.
  void raw(std::string_view markup) { out_ += markup; }

  /// Everything; all elements are closed.
  [[nodiscard]] std::string take();

 private:
  void start(std::string_view element, Attributes attributes);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace ron::cli::bench::chart
