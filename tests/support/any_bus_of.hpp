// SPDX-License-Identifier: MIT OR Apache-2.0
//
// AnyBus for one message type. Only the files that instantiate it include this.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include <ronbus/ronbus.hpp>

#include "any_bus.hpp"

namespace ron::test {

inline std::stop_token stopped_token() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

template <class T>
class HeldOf final : public AnyHeld {
 public:
  explicit HeldOf(Borrowed<T> borrowed) : borrowed_{std::move(borrowed)} {}
  [[nodiscard]] Id id() const override { return id_of<T>(*borrowed_); }

 private:
  Borrowed<T> borrowed_;
};

template <class T>
class SubscriberOf final : public AnySubscriber {
 public:
  explicit SubscriberOf(Subscriber<T> subscriber) : subscriber_{std::move(subscriber)} {}

  void receive(Way way, std::size_t limit, std::vector<Got>& out) override {
    using std::chrono::nanoseconds;
    using std::chrono::steady_clock;
    const auto by_value = [&](const auto& result) {
      out.push_back(result ? message(id_of<T>(*result)) : got(result.error()));
    };
    const auto in_place = [&out](const T& value) { out.push_back(message(id_of<T>(value))); };
    const auto error_only = [&](const auto& result) {
      if (!result) out.push_back(got(result.error()));
    };
    const auto held = [&](const auto& result) {
      out.push_back(result ? message(id_of<T>(**result)) : got(result.error()));
    };
    switch (way) {
      case Way::TryVisit:
        return error_only(subscriber_.try_visit(in_place));
      case Way::Visit:
        return error_only(subscriber_.visit(in_place, nanoseconds{0}));
      case Way::Poll: {
        const std::size_t before = out.size();
        const auto count = subscriber_.poll(in_place, limit);
        error_only(count);
        if (count && *count != out.size() - before) out.push_back(message(kTorn));
        return;
      }
      case Way::TryBorrow:
        return held(subscriber_.try_borrow());
      case Way::Borrow:
        return held(subscriber_.borrow(nanoseconds{0}));
      default:
        break;
    }
    if constexpr (std::copyable<T>) {
      switch (way) {
        case Way::TryRecv:
          return by_value(subscriber_.try_recv());
        case Way::Recv:
          return by_value(subscriber_.recv(stopped_token()));
        case Way::RecvFor:
          return by_value(subscriber_.recv_for(nanoseconds{0}));
        case Way::RecvUntil:
          return by_value(subscriber_.recv_until(steady_clock::now()));
        case Way::TryRecvMany:
        case Way::RecvMany: {
          std::vector<T> batch(limit, make<T>(0));
          const auto count = way == Way::TryRecvMany
                                 ? subscriber_.try_recv_many(std::span{batch})
                                 : subscriber_.recv_many(std::span{batch}, nanoseconds{0});
          error_only(count);
          for (std::size_t i = 0; count && i < *count; ++i) in_place(batch[i]);
          return;
        }
        default:
          break;
      }
    }
    std::unreachable();
  }

  Got wait(Way way, const AnyDeadline& deadline, const std::stop_token& stop) override {
    if (way == Way::Visit) {
      Got answer;
      const auto result = subscriber_.visit(
          [&](const T& value) { answer = message(id_of<T>(value)); }, deadline, stop);
      return result ? answer : got(result.error());
    }
    if (way == Way::Borrow) {
      const auto result = subscriber_.borrow(deadline, stop);
      return result ? message(id_of<T>(**result)) : got(result.error());
    }
    if constexpr (std::copyable<T>) {
      const auto by_value = [](const auto& result) {
        return result ? message(id_of<T>(*result)) : got(result.error());
      };
      switch (way) {
        case Way::Recv:
          return by_value(deadline.point() ? subscriber_.recv_until(*deadline.point(), stop)
                                           : subscriber_.recv(stop));
        case Way::RecvFor:
          if (!deadline.point())
            return by_value(subscriber_.recv_for(std::chrono::years{200}, stop));
          return by_value(
              subscriber_.recv_for(*deadline.point() - std::chrono::steady_clock::now(), stop));
        case Way::RecvUntil:
          return by_value(subscriber_.recv_until(
              deadline.point().value_or(std::chrono::steady_clock::time_point::max()), stop));
        case Way::RecvMany: {
          std::vector<T> batch(1, make<T>(0));
          const auto count = subscriber_.recv_many(std::span{batch}, deadline, stop);
          return count ? message(id_of<T>(batch.front())) : got(count.error());
        }
        default:
          break;
      }
    }
    std::unreachable();
  }

  std::unique_ptr<AnyHeld> hold() override {
    auto borrowed = subscriber_.try_borrow();
    if (!borrowed) return nullptr;
    return std::make_unique<HeldOf<T>>(std::move(*borrowed));
  }
  std::unique_ptr<AnySubscriber> resubscribe() const override {
    return std::make_unique<SubscriberOf>(subscriber_.resubscribe());
  }
  std::unique_ptr<AnySubscriber> fork() const override {
    return std::make_unique<SubscriberOf>(subscriber_.fork());
  }
  std::uint64_t lag() const override { return subscriber_.lag(); }
  std::uint64_t next_sequence() const override { return subscriber_.next_sequence(); }
  std::uint64_t received() const override { return subscriber_.received(); }
  std::uint64_t filtered() const override { return subscriber_.filtered(); }
  std::uint64_t missed() const override { return subscriber_.missed(); }
  std::size_t capacity() const override { return subscriber_.capacity(); }
  bool is_gating() const override { return subscriber_.is_gating(); }
  std::string name() const override { return subscriber_.name(); }

 private:
  Subscriber<T> subscriber_;
};

/// Forwards to a Publisher<T> or a Bus<T>.
template <class T, class Base, class Outlet>
class OutletOf : public Base {
 public:
  explicit OutletOf(Outlet outlet) : outlet_{std::move(outlet)} {}

  std::size_t publish(Id id) override { return outlet_.publish(make<T>(id)); }
  std::size_t emplace(Id id) override { return outlet_.emplace(make<T>(id)); }
  std::size_t publish_many(std::span<const Id> ids) override {
    std::vector<T> batch = batch_of(ids);
    if constexpr (std::copy_constructible<T>) {
      if (ids.size() % 2 == 0) return outlet_.publish_many(batch);
    }
    return outlet_.publish_many(std::move(batch));
  }
  Sent try_publish(Id id) override {
    T message = make<T>(id);
    if constexpr (std::copy_constructible<T>) {
      if (id % 2 == 0)
        return {outlet_.try_publish(std::as_const(message)), id_of<T>(message) == id};
    }
    auto result = outlet_.try_publish(std::move(message));
    const bool kept = result || id_of<T>(message) == id;
    return {result, kept};
  }
  Sent publish_wait(Id id, const AnyDeadline& deadline, const std::stop_token& stop) override {
    T message = make<T>(id);
    if constexpr (std::copy_constructible<T>) {
      if (id % 2 == 0) {
        return {outlet_.publish_wait(std::as_const(message), deadline, stop),
                id_of<T>(message) == id};
      }
    }
    auto result = outlet_.publish_wait(std::move(message), deadline, stop);
    const bool kept = result || id_of<T>(message) == id;
    return {result, kept};
  }
  Sent try_publish_many(std::span<const Id> ids) override {
    if constexpr (kIsBus) {
      return one_by_one(ids, [this](Id id) { return try_publish(id); });
    } else {
      return at_once(ids, [this](auto&& batch) {
        return outlet_.try_publish_many(std::forward<decltype(batch)>(batch));
      });
    }
  }
  Sent publish_many_wait(std::span<const Id> ids, const AnyDeadline& deadline,
                         const std::stop_token& stop) override {
    if constexpr (kIsBus) {
      return one_by_one(ids, [&](Id id) { return publish_wait(id, deadline, stop); });
    } else {
      return at_once(ids, [&](auto&& batch) {
        return outlet_.publish_many_wait(std::forward<decltype(batch)>(batch), deadline, stop);
      });
    }
  }

  std::size_t flush() override {
    if constexpr (kIsBus)
      return 0;
    else
      return outlet_.flush();
  }
  [[nodiscard]] std::size_t staged() const override {
    if constexpr (kIsBus)
      return 0;
    else
      return outlet_.staged();
  }

 private:
  static std::vector<T> batch_of(std::span<const Id> ids) {
    std::vector<T> batch;
    for (const Id id : ids) batch.push_back(make<T>(id));
    return batch;
  }
  /// A bus has no gated batches.
  static constexpr bool kIsBus = std::same_as<Outlet, Bus<T>>;

  template <class PublishOne>
  static Sent one_by_one(std::span<const Id> ids, const PublishOne& publish) {
    for (std::size_t done = 0; done < ids.size(); ++done) {
      const Sent sent = publish(ids[done]);
      if (sent.result) continue;
      if (done == 0) return sent;
      return {done, sent.kept};
    }
    return {ids.size(), true};
  }
  /// Given as lvalue or as rvalue; what did not go through must keep its value.
  template <class Publish>
  static Sent at_once(std::span<const Id> ids, const Publish& publish) {
    std::vector<T> batch = batch_of(ids);
    const auto result = [&]() -> std::expected<std::size_t, PublishError> {
      if constexpr (std::copy_constructible<T>) {
        if (ids.size() % 2 == 0) return publish(batch);
      }
      return publish(std::move(batch));
    }();
    bool kept = true;
    for (std::size_t i = result.value_or(0); i < ids.size(); ++i) {
      kept = kept && id_of<T>(batch[i]) == ids[i];
    }
    return {result, kept};
  }

 protected:
  Outlet outlet_;
};

template <class T>
class BusOf final : public OutletOf<T, AnyBus, Bus<T>> {
 public:
  using OutletOf<T, AnyBus, Bus<T>>::OutletOf;

  std::expected<std::unique_ptr<AnyOutlet>, PublishError> publisher() override {
    auto publisher = bus().publisher();
    if (!publisher) return std::unexpected{publisher.error()};
    return std::make_unique<OutletOf<T, AnyOutlet, Publisher<T>>>(std::move(*publisher));
  }
  using AnyBus::subscribe;
  std::unique_ptr<AnySubscriber> subscribe(const SubscribeOptions& options,
                                           const Wanted& wanted) override {
    if (!wanted) return std::make_unique<SubscriberOf<T>>(bus().subscribe(options));
    return std::make_unique<SubscriberOf<T>>(
        bus().subscribe(options, [wanted](const T& value) { return wanted(id_of<T>(value)); }));
  }
  std::expected<std::unique_ptr<AnySubscriber>, SubscribeError> subscribe_at(
      std::uint64_t sequence, const SubscribeOptions& options) override {
    auto subscriber = bus().subscribe_at(sequence, options);
    if (!subscriber) return std::unexpected{subscriber.error()};
    return std::make_unique<SubscriberOf<T>>(*std::move(subscriber));
  }
  std::vector<SubscriberInfo> subscribers() const override { return bus().subscribers(); }
  BusSnapshot snapshot() const override { return bus().snapshot(); }
  std::vector<Undrained> drain(const AnyDeadline& deadline,
                               const std::stop_token& stop) const override {
    return bus().drain(deadline, stop);
  }
  std::unique_ptr<AnyBus> copy() const override { return std::make_unique<BusOf>(bus()); }
  void close() override { bus().close(); }
  bool is_closed() const override { return bus().is_closed(); }
  std::size_t capacity() const override { return bus().capacity(); }
  std::size_t requested_capacity() const override { return bus().requested_capacity(); }
  std::size_t subscriber_count() const override { return bus().subscriber_count(); }
  std::size_t publisher_count() const override { return bus().publisher_count(); }
  std::uint64_t published() const override { return bus().published(); }
  std::uint64_t refused() const override { return bus().refused(); }

 private:
  const Bus<T>& bus() const { return this->outlet_; }
};

/// A builder that does not look at the environment of the test.
inline BusBuilder builder_for(const BusSpec& spec) {
  BusBuilder builder;
  builder.environment([](std::string_view) { return std::nullopt; })
      .cap(spec.capacity)
      .fence(spec.fence)
      .mode(spec.mode)
      .tls_flush_threshold(spec.flush_threshold)
      .metrics(spec.metrics)
      .single_publisher(is_sole(spec.storage));
  if (spec.yield_after) builder.epoch_yield().burst(*spec.yield_after);
  return builder;
}

template <class T>
std::unique_ptr<AnyBus> make_bus_of(const BusSpec& spec) {
  auto bus = builder_for(spec).build<T>();
  return bus ? std::make_unique<BusOf<T>>(std::move(*bus)) : nullptr;
}

// Instantiated in any_bus_trivial.cpp and any_bus_pinned.cpp.
std::unique_ptr<AnyBus> make_trivial_bus(const BusSpec& spec);
std::unique_ptr<AnyBus> make_pinned_bus(const BusSpec& spec);

}  // namespace ron::test
