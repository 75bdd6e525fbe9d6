// SPDX-License-Identifier: MIT OR Apache-2.0
#include "broadcaster.hpp"

#include <array>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

#include "line_count.hpp"
#include "line_reader.hpp"

namespace ron::cli::tee {
namespace {

/// Input that may be retained by the bus. Matters for very long lines and very large capacities.
constexpr std::size_t kMostRetained = std::size_t{256} << 20;
/// Most messages that can live on in a bus beyond its capacity for each publisher.
constexpr std::size_t kMostBeyondCapacity = 256;

}  // namespace

void Broadcaster::start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void Broadcaster::stop() noexcept {
  thread_.request_stop();
  stop_event_.set();
}

void Broadcaster::run(const std::stop_token& stop) {
  try {
    broadcast(stop);
  } catch (const std::bad_alloc&) {
    error_ = "out of memory: a line of the input is too long";
  } catch (const std::exception& error) {
    error_ = error.what();
  }
  bus_.close();
  done_.store(true, std::memory_order_release);
  changed_.set();
}

void Broadcaster::broadcast(const std::stop_token& stop) {
  auto publisher = bus_.publisher();
  if (!publisher) {
    error_ = to_string(publisher.error());
    return;
  }
  LineReader reader{input_, pool_};
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> waited{
        {{.fd = input_, .events = POLLIN, .revents = 0},
         {.fd = stop_event_.descriptor(), .events = POLLIN, .revents = 0}}};
    ::poll(waited.data(), waited.size(), -1);
    if (stop.stop_requested()) return;
    LineReader::Result result = reader.read();
    if (!result.lines.empty() && !publish(*publisher, std::move(result.lines), stop)) return;
    if (result.error != 0) {
      error_ =
          fmt::format("cannot read the input: {}", std::generic_category().message(result.error));
    }
    if (result.ended) return;
  }
}

bool Broadcaster::publish(Publisher<LineRun>& publisher, SharedBytes bytes,
                          const std::stop_token& stop) {
  const std::uint64_t lines = count_lines(bytes.text());
  const std::uint64_t size = bytes.size();
  LineRun run{.bytes = std::move(bytes),
              .lines = lines,
              .first_line = lines_.load(std::memory_order_relaxed),
              .index = runs_.load(std::memory_order_relaxed)};
  if (const auto published = publisher.publish_wait(std::move(run), {}, stop); !published) {
    if (published.error() != PublishError::Stopped) error_ = to_string(published.error());
    return false;
  }
  lines_.fetch_add(lines, std::memory_order_relaxed);
  bytes_.fetch_add(size, std::memory_order_relaxed);
  runs_.fetch_add(1, std::memory_order_relaxed);
  if (pool_.bytes_held() > kMostRetained) limit_memory(publisher, stop);
  return true;
}

/// Pushes the oldest lines out of the ring by runs of no lines.
void Broadcaster::limit_memory(Publisher<LineRun>& publisher, const std::stop_token& stop) {
  const std::size_t most = bus_.capacity() + kMostBeyondCapacity;
  for (std::size_t i = 0; i < most && pool_.bytes_held() > kMostRetained; ++i) {
    LineRun empty{.bytes = {},
                  .lines = 0,
                  .first_line = lines_.load(std::memory_order_relaxed),
                  .index = runs_.load(std::memory_order_relaxed)};
    if (!publisher.publish_wait(std::move(empty), {}, stop)) return;
    runs_.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace ron::cli::tee
