// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What `ronbus top` reads from others: the text of metrics, and addresses. What is understood says
// the same again when it is written down and read once more.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cli/top/bus_metrics.hpp"
#include "cli/top/exposition.hpp"
#include "cli/top/url.hpp"
#include "input.hpp"

namespace {

using ron::fuzz::require;
using namespace ron::cli::top;

std::string written(const Sample& sample) {
  std::string text = std::string{sample.name} + "{";
  for (const Label& label : sample.labels) {
    text += std::string{label.name} + "=\"";
    for (const char c : label.value) {
      if (c == '\\' || c == '"') text += '\\';
      text += c == '\n' ? std::string{"\\n"} : std::string{c};
    }
    text += "\",";
  }
  return text + fmt::format("}} {:.17g}\n", sample.value);
}

bool is_same(double left, double right) {
  return left == right || (std::isnan(left) && std::isnan(right));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto reading = reading_of(text);
  require(reading.has_value() || !reading.error().empty());
  const auto samples = samples_in(text);
  if (!samples) {
    require(samples.error().find('\n') == std::string::npos);
  } else {
    std::string again;
    for (const Sample& sample : *samples) again += written(sample);
    const auto same = samples_in(again);
    require(same.has_value() && same->size() == samples->size());
    for (std::size_t i = 0; i < same->size(); ++i) {
      const Sample& one = (*samples)[i];
      const Sample& other = (*same)[i];
      require(one.name == other.name && is_same(one.value, other.value));
      require(one.labels.size() == other.labels.size());
      for (const Label& label : one.labels) {
        require(other.label(label.name) != nullptr && *other.label(label.name) == label.value);
      }
    }
  }
  const auto url = url_in(text.substr(0, text.find('\n')));
  if (url) {
    const auto same = url_in(url->text());
    require(same.has_value() && *same == *url);
  } else {
    require(!url.error().empty());
  }
  return 0;
}
