// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ronbus/selector.hpp"

#include <chrono>

#include "ronbus/sync/probe.hpp"
#include "ronbus/wait/wait_strategy.hpp"

namespace ron {

Selector::~Selector() {
  for (std::size_t index = 0; index < sources_.size(); ++index) remove(index);
  bell_->release();
}

std::size_t Selector::add(Source source, wait::Owner& owner, Interest interest) {
  sources_.reserve(sources_.size() + 1);
  source.waiter = &bell_->claim(*source.set, owner, interest);
  sources_.push_back(std::move(source));
  ++size_;
  return sources_.size() - 1;
}

void Selector::remove(std::size_t index) noexcept {
  if (index >= sources_.size() || sources_[index].subscriber == nullptr) return;
  Source& source = sources_[index];
  source.set->release(*source.waiter);
  source = {};
  --size_;
}

/// The first one that has something to receive, from `next_` on.
std::optional<std::size_t> Selector::look() noexcept {
  const std::size_t count = sources_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = (next_ + i) % count;
    const Source& source = sources_[index];
    if (source.subscriber == nullptr || !source.has_news(source.subscriber)) continue;
    next_ = index + 1;
    return index;
  }
  return std::nullopt;
}

std::expected<std::size_t, WaitError> Selector::wait(const AnyDeadline& deadline,
                                                     const std::stop_token& stop) {
  if (size_ == 0) return std::unexpected{WaitError::Closed};
  std::optional<std::size_t> found = look();
  const auto ready = [&] { return (found = look()).has_value(); };
  if (found || wait::spin(ready)) return *found;
  return sleep(deadline.point(), stop);
}

std::expected<std::size_t, WaitError> Selector::sleep(const wait::Deadline& deadline,
                                                      const std::stop_token& stop) {
  using Answer = std::expected<std::size_t, WaitError>;
  const auto answer = [&]() -> std::optional<Answer> {
    if (const auto found = look()) return *found;
    if (stop.stop_requested()) return Answer{std::unexpect, WaitError::Stopped};
    if (deadline && std::chrono::steady_clock::now() >= *deadline) {
      return Answer{std::unexpect, WaitError::Timeout};
    }
    return std::nullopt;
  };
  const std::stop_callback ring_on_stop{stop, [this] { bell_->ring(); }};
  for (;;) {
    // Noted before arming: whoever fires from then on changes it.
    const std::uint32_t counted = bell_->count();
    for (Source& source : sources_) {
      if (source.subscriber != nullptr) source.ticket = source.set->arm(*source.waiter);
    }
    std::optional<Answer> result = answer();
    if (!result) {
      for (const Source& source : sources_) {
        if (source.subscriber == nullptr) continue;
        RONBUS_PROBE(park, source.set->attention(), source.waiter->owner_id());
      }
      bell_->sleep(counted, deadline);
    }
    for (const Source& source : sources_) {
      if (source.subscriber != nullptr) source.set->end(*source.waiter, source.ticket);
    }
    if (!result) result = answer();
    if (result) return *result;
  }
}

}  // namespace ron
