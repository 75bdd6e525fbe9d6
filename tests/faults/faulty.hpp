// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Message types that do what a test tells them to at a point of their lives.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <ronbus/ronbus.hpp>

#include "payloads.hpp"

namespace ron::test {

/// Lives in a node of the bus. Longer than what a string keeps inside itself.
struct Text {
  explicit Text(Id number) : id{number}, text(40, 'x') {
    if (on_make) on_make(id);
  }
  Text(const Text& other) : id{other.id}, text{other.text} {
    if (on_copy) on_copy(id);
  }
  Text(Text&& other) noexcept(false) : id{other.id} {
    if (on_move) on_move(id);
    text = std::move(other.text);
  }
  Text& operator=(const Text&) = default;
  Text& operator=(Text&&) = default;
  ~Text() {
    if (on_destroy && !text.empty()) on_destroy(id);
  }

  Id id;
  std::string text;

  using Hook = std::function<void(Id)>;
  static inline Hook on_make, on_copy, on_move, on_destroy;
};

/// Lies in the ring itself. Trivially copyable, but not made so.
struct Word {
  explicit Word(Id number) : id{number} {
    if (on_make) on_make(id);
  }
  Id id;
  static inline Text::Hook on_make;
};
static_assert(std::is_trivially_copyable_v<Word>);

template <class T>
Bus<T> faulty_bus(std::size_t capacity = 8, BusMode mode = BusMode::Classic, bool sole = false) {
  return BusBuilder{}
      .environment([](std::string_view) { return std::nullopt; })
      .cap(capacity)
      .mode(mode)
      .tls_flush_threshold(3)
      .single_publisher(sole)
      .template build<T>()
      .value();
}

/// The numbers of all messages that are there.
template <class T>
std::vector<Id> ids_of(Subscriber<T>& rx) {
  std::vector<Id> ids;
  const auto note = [&ids](const T& message) { ids.push_back(message.id); };
  while (rx.poll(note, 100)) {
  }
  return ids;
}

}  // namespace ron::test
