// SPDX-License-Identifier: MIT OR Apache-2.0
#include "knobs.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "ronbus/config.hpp"

#include "complain.hpp"

namespace ron::cli {
namespace {

std::optional<FencePolicy> fence_named(std::string_view name) {
  if (name == "auto") return FencePolicy::Auto;
  if (name == "membarrier") return FencePolicy::Membarrier;
  if (name == "portable") return FencePolicy::Portable;
  return std::nullopt;
}

}  // namespace

std::expected<std::size_t, std::string> number_for(std::string_view flag, std::string_view variable,
                                                   const std::string& text) {
  const Environment only_this = [&](std::string_view name) {
    return name == variable ? std::optional{text} : std::nullopt;
  };
  const auto config = resolve({}, only_this);
  if (!config) return std::unexpected{not_usable(flag, text, config.error().allowed)};
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Knobs::Knobs(CLI::App& app) : app_{&app} {
  app.add_option("--mode", mode_, "classic, batched, edge or edge-batched (RON_BUS_MODE)")
      ->type_name("MODE");
  app.add_option("--cap,--capacity", capacity_, "Messages to retain (RON_CAP)")->type_name("N");
  app.add_option("--autotune", autotune_, "Choose the capacity for N subscribers (RON_FANOUT)")
      ->type_name("N");
  app.add_option("--burst", burst_, "Messages sent in one go (RON_BURST)")->type_name("N");
  app.add_option("--tls-flush-threshold", flush_threshold_,
                 "Publishes between two updates of the shared position (RON_TLS_FLUSH_THRESHOLD)")
      ->type_name("N");
  app.add_flag("--epoch-yield", epoch_yield_,
               "Yield the processor after each burst (RON_PUB_EPOCH_YIELD)");
  app.add_flag("--single-publisher", single_publisher_,
               "Promise that only one publisher publishes at a time");
  app.add_option("--fence", fence_, "auto, membarrier or portable")->type_name("KIND");
}

std::expected<BusBuilder, std::string> Knobs::builder() const {
  BusBuilder builder;
  if (app_->count("--mode") > 0) {
    const auto mode = mode_named(mode_);
    if (!mode) {
      return std::unexpected{not_usable("--mode", mode_, "classic, batched, edge or edge-batched")};
    }
    builder.mode(*mode);
  }
  struct Number {
    const char* flag;
    const char* variable;
    const std::string& text;
    BusBuilder& (BusBuilder::*knob)(std::size_t);
  };
  const std::array<Number, 4> numbers{{
      {.flag = "--cap", .variable = "RON_CAP", .text = capacity_, .knob = &BusBuilder::cap},
      {.flag = "--autotune",
       .variable = "RON_FANOUT",
       .text = autotune_,
       .knob = &BusBuilder::autotune},
      {.flag = "--burst", .variable = "RON_BURST", .text = burst_, .knob = &BusBuilder::burst},
      {.flag = "--tls-flush-threshold",
       .variable = "RON_TLS_FLUSH_THRESHOLD",
       .text = flush_threshold_,
       .knob = &BusBuilder::tls_flush_threshold},
  }};
  for (const Number& number : numbers) {
    if (app_->count(number.flag) == 0) continue;
    const auto value = number_for(number.flag, number.variable, number.text);
    if (!value) return std::unexpected{value.error()};
    (builder.*number.knob)(*value);
  }
  if (epoch_yield_) builder.epoch_yield();
  if (single_publisher_) builder.single_publisher();
  if (app_->count("--fence") > 0) {
    const auto policy = fence_named(fence_);
    if (!policy) {
      return std::unexpected{not_usable("--fence", fence_, "auto, membarrier or portable")};
    }
    builder.fence(*policy);
  }
  return builder;
}

}  // namespace ron::cli
