// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "ronbus/deadline.hpp"
#include "ronbus/detail/subscriber_access.hpp"
#include "ronbus/error.hpp"
#include "ronbus/interest.hpp"
#include "ronbus/subscriber.hpp"
#include "ronbus/wait/bell.hpp"
#include "ronbus/wait/waiter_set.hpp"

namespace ron {

/// Lets one thread wait for several subscribers at once, of any message types and buses:
///
///     ron::Selector selector{orders, quotes};
///     while (auto ready = selector.wait()) {
///       if (*ready == 0) handle(orders.try_recv()); else handle(quotes.try_recv());
///     }
///
/// Fair: it starts looking behind the one it named last, so that no subscriber with something to
/// receive is passed over more often than there are others. A subscriber whose bus is closed has
/// something to receive for ever: remove it when it answers Closed. When the last one is removed,
/// waiting ends with WaitError::Closed.
///
/// One thread at a time, the one that receives. Subscribers must stay where they are, and alive,
/// until they are removed or the Selector is not waited on any more. While the thread sleeps,
/// other ways to wait for the same subscribers are not for it to use, but a descriptor is.
class Selector {
 public:
  /// Of nobody yet. Allocates; throws std::bad_alloc.
  Selector() : bell_{&wait::Bell::make()} {}
  /// Allocates; throws std::bad_alloc.
  template <Message... Ts>
    requires(sizeof...(Ts) > 0)
  explicit Selector(Subscriber<Ts>&... subscribers) : Selector{} {
    // From here on the destructor runs, also if there is no memory.
    (static_cast<void>(add(subscribers)), ...);
  }
  Selector(const Selector&) = delete;
  Selector& operator=(const Selector&) = delete;
  ~Selector();

  /// One more subscriber. Returns its index: they are counted from 0 as they come, and keep theirs
  /// when others are removed. Allocates; throws std::bad_alloc.
  template <Message T>
  std::size_t add(Subscriber<T>& subscriber) {
    return add(Source{.subscriber = &subscriber,
                      .has_news =
                          [](const void* which) noexcept {
                            return detail::SubscriberAccess::has_news(
                                *static_cast<const Subscriber<T>*>(which));
                          },
                      .set = detail::SubscriberAccess::waiters(subscriber)},
               detail::SubscriberAccess::owner(subscriber),
               detail::SubscriberAccess::interest(subscriber));
  }
  /// Does not wait for the subscriber of this index any more.
  void remove(std::size_t index) noexcept;

  /// Subscribers that it waits for.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Waits until a subscriber has something to receive (a message, Lagged or Closed), and returns
  /// its index. If several have, each is named in turn. With a filter, what it has may turn out to
  /// be nothing it wants. Spins briefly, then sleeps; allocates nothing.
  [[nodiscard]] std::expected<std::size_t, WaitError> wait(const AnyDeadline& deadline = {},
                                                           const std::stop_token& stop = {});

 private:
  struct Source {
    const void* subscriber = nullptr;  ///< nullptr once it is removed
    bool (*has_news)(const void* subscriber) noexcept = nullptr;
    std::shared_ptr<wait::WaiterSet> set;  ///< keeps the bus's memory
    wait::Waiter* waiter = nullptr;
    wait::Ticket ticket = 0;
  };

  std::size_t add(Source source, wait::Owner& owner, Interest interest);
  [[nodiscard]] std::optional<std::size_t> look() noexcept;
  [[nodiscard]] std::expected<std::size_t, WaitError> sleep(const wait::Deadline& deadline,
                                                            const std::stop_token& stop);

  wait::Bell* bell_;
  std::vector<Source> sources_;
  std::size_t size_ = 0;
  std::size_t next_ = 0;  ///< where to look first
};

}  // namespace ron
