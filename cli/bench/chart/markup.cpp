// SPDX-License-Identifier: MIT OR Apache-2.0
#include "markup.hpp"

#include <cassert>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace ron::cli::bench::chart {

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_control = byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
        out += is_control ? std::string_view{"\uFFFD"} : std::string_view{&c, 1};
      }
    }
  }
  return out;
}

std::string length(double value) {
  return fmt::format("{:g}", std::round(value * 10) / 10 + 0.0);  // no negative zero
}

void Markup::start(std::string_view element, Attributes attributes) {
  out_ += '<';
  out_ += element;
  for (const Attribute& attribute : attributes) {
    if (attribute.value.empty()) continue;
    out_ += ' ';
    out_ += attribute.name;
    out_ += "=\"";
    out_ += escaped(attribute.value);
    out_ += '"';
  }
}

void Markup::open(std::string_view element, Attributes attributes) {
  start(element, attributes);
  out_ += '>';
  open_.emplace_back(element);
}

void Markup::close() {
  assert(!open_.empty());
  out_ += "</" + open_.back() + ">";
  open_.pop_back();
}

void Markup::leaf(std::string_view element, Attributes attributes) {
  start(element, attributes);
  out_ += "/>";
}

void Markup::leaf(std::string_view element, Attributes attributes, std::string_view text) {
  open(element, attributes);
  out_ += escaped(text);
  close();
}

void Markup::text(double x, double y, Anchor anchor, std::string_view style,
                  std::string_view content) {
  const std::string_view word = anchor == Anchor::End      ? "end"
                                : anchor == Anchor::Middle ? "middle"
                                                           : "";
  leaf("text", {{"x", x}, {"y", y}, {"text-anchor", word}, {"class", style}}, content);
}

void Markup::line(double x1, double y1, double x2, double y2, std::string_view style) {
  leaf("line", {{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}, {"class", style}});
}

void Markup::rect(double x, double y, double width, double height, std::string_view style) {
  leaf("rect", {{"x", x}, {"y", y}, {"width", width}, {"height", height}, {"class", style}});
}

std::string Markup::take() {
  assert(open_.empty());
  return std::exchange(out_, {});
}

}  // namespace ron::cli::bench::chart
