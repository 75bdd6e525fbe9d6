// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Receiving as an asynchronous operation of Asio. Link with ronbus::asio.
//
// With RONBUS_BOOST_ASIO defined it is the Asio of Boost, 1.81 or later.
#pragma once

#if defined(RONBUS_BOOST_ASIO)
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#else
#include <asio/any_io_executor.hpp>
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/execution/context.hpp>
#include <asio/execution_context.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/query.hpp>
#endif

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "ronbus/borrowed.hpp"
#include "ronbus/detail/subscriber_access.hpp"
#include "ronbus/error.hpp"
#include "ronbus/subscriber.hpp"
#include "ronbus/sync/atomic.hpp"
#include "ronbus/sync/rundown.hpp"
#include "ronbus/wait/suspension.hpp"

namespace ron {

#if defined(RONBUS_BOOST_ASIO)
inline namespace boost_asio {
#else
inline namespace standalone_asio {
#endif

namespace asio_detail {

#if defined(RONBUS_BOOST_ASIO)
namespace net = ::boost::asio;
#else
namespace net = ::asio;
#endif
using ron::detail::SubscriberAccess;

/// Memory for one object at a time, kept for the next one; what else is wanted meanwhile comes from
/// the heap. Allocated from by one thread at a time, given back from any.
class SpareMemory {
 public:
  SpareMemory() = default;
  SpareMemory(const SpareMemory&) = delete;
  SpareMemory& operator=(const SpareMemory&) = delete;
  ~SpareMemory() { ::operator delete(memory_.load(std::memory_order_relaxed)); }

  [[nodiscard]] void* allocate(std::size_t size) {
    // acquire: pairs with the release in deallocate().
    if (taken_.load(std::memory_order_acquire) != 0) return ::operator new(size);
    if (size > size_) {
      ::operator delete(memory_.exchange(nullptr, std::memory_order_relaxed));
      size_ = 0;
      memory_.store(::operator new(size), std::memory_order_relaxed);
      size_ = size;
    }
    taken_.store(1, std::memory_order_relaxed);  // relaxed: for the next who allocates
    return memory_.load(std::memory_order_relaxed);
  }
  void deallocate(void* memory) noexcept {
    // relaxed: as long as `memory` is allocated nobody else makes the two equal.
    if (memory == memory_.load(std::memory_order_relaxed)) {
      taken_.store(0, std::memory_order_release);
    } else {
      ::operator delete(memory);
    }
  }

 private:
  sync::Atomic<std::uint32_t> taken_{0};
  sync::Atomic<void*> memory_{nullptr};
  std::size_t size_ = 0;
};

/// Takes from the spare memory, or from the heap if it was made without.
template <class T>
class SpareAllocator {
 public:
  using value_type = T;

  explicit SpareAllocator(SpareMemory* memory) noexcept : memory_{memory} {}
  template <class U>
  SpareAllocator(const SpareAllocator<U>& other) noexcept  // NOLINT(google-explicit-constructor)
      : memory_{other.memory_} {}

  [[nodiscard]] T* allocate(std::size_t count) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    const std::size_t size = count * sizeof(T);
    return static_cast<T*>(memory_ != nullptr ? memory_->allocate(size) : ::operator new(size));
  }
  void deallocate(T* memory, std::size_t /*count*/) noexcept {
    if (memory_ != nullptr) {
      memory_->deallocate(memory);
    } else {
      ::operator delete(memory);
    }
  }

  friend bool operator==(const SpareAllocator&, const SpareAllocator&) noexcept = default;

 private:
  template <class>
  friend class SpareAllocator;

  SpareMemory* memory_;
};

/// A receive that has begun.
class Operation : public wait::Suspended {
 public:
  /// Ends it without calling its handler.
  virtual void destroy() noexcept = 0;

 protected:
  ~Operation() = default;
};

/// The executor that the operations of a subscriber complete on. It owns the one that has begun, so
/// that it ends with the execution context, or with the last who could wake it.
class AsioTarget : public wait::PostTarget {
 public:
  ~AsioTarget() override {
    if (operation_ != nullptr) operation_->destroy();
  }

  void post(Wakeup wakeup) final {
    const sync::Rundown::Entry entry{rundown_};
    if (entry) submit(std::move(wakeup), entry.is_alone());
  }

  void begin(Operation& operation) noexcept { operation_ = &operation; }
  void completed() noexcept { operation_ = nullptr; }
  [[nodiscard]] SpareMemory& operation_memory() noexcept { return operation_memory_; }

  /// The context is about to go, and runs nothing any more.
  void shut() noexcept {
    rundown_.shut();
    drop_executor();
    if (operation_ != nullptr) std::exchange(operation_, nullptr)->destroy();
  }

 protected:
  AsioTarget() = default;
  [[nodiscard]] bool is_shut() const noexcept { return rundown_.is_shut(); }
  /// `is_alone` if nobody else posts.
  virtual void submit(Wakeup wakeup, bool is_alone) = 0;
  virtual void drop_executor() noexcept = 0;

 private:
  sync::Rundown rundown_;  ///< of who posts; the executor is there as long as they are
  Operation* operation_ = nullptr;
  SpareMemory operation_memory_;
};

/// Tells the targets on executors of a context when that goes away.
class AsioService : public net::execution_context::service {
 public:
  inline static net::execution_context::id id;

  explicit AsioService(net::execution_context& context)
      : net::execution_context::service{context} {}

  void add(const std::shared_ptr<AsioTarget>& target) {
    const std::scoped_lock lock{mutex_};
    if (targets_.size() >= threshold_) {
      std::erase_if(targets_, [](const auto& weak) { return weak.expired(); });
      threshold_ = 2 * targets_.size() + kFirstThreshold;
    }
    targets_.push_back(target);
  }

 private:
  static constexpr std::size_t kFirstThreshold = 16;

  void shutdown() noexcept override {
    std::vector<std::weak_ptr<AsioTarget>> targets;
    {
      const std::scoped_lock lock{mutex_};
      targets.swap(targets_);
    }
    for (const auto& weak : targets) {
      if (const auto target = weak.lock()) target->shut();
    }
  }

  std::mutex mutex_;
  std::vector<std::weak_ptr<AsioTarget>> targets_;
  std::size_t threshold_ = kFirstThreshold;
};

template <class Executor>
class AsioTargetOf final : public AsioTarget {
 public:
  explicit AsioTargetOf(const Executor& executor) : executor_{executor} {}

  [[nodiscard]] bool is_for(const Executor& executor) const noexcept {
    return !is_shut() && *executor_ == executor;
  }

 private:
  class Submission {
   public:
    using allocator_type = SpareAllocator<void>;

    Submission(Wakeup wakeup, SpareMemory* memory) noexcept
        : wakeup_{std::move(wakeup)}, memory_{memory} {}
    void operator()() { wakeup_(); }
    [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type{memory_}; }

   private:
    Wakeup wakeup_;
    SpareMemory* memory_;
  };

  void submit(Wakeup wakeup, bool is_alone) override {
    net::post(*executor_, Submission{std::move(wakeup), is_alone ? &submission_memory_ : nullptr});
  }
  void drop_executor() noexcept override { executor_.reset(); }

  std::optional<Executor> executor_;
  SpareMemory submission_memory_;
};

template <class Executor>
[[nodiscard]] std::shared_ptr<AsioTarget> make_target(const Executor& executor) {
  auto target = std::make_shared<AsioTargetOf<Executor>>(executor);
  if constexpr (net::can_query_v<const Executor&, net::execution::context_t>) {
    net::use_service<AsioService>(net::query(executor, net::execution::context)).add(target);
  } else if constexpr (requires { executor.context(); }) {
    net::use_service<AsioService>(executor.context()).add(target);
  }
  return target;
}

/// The subscriber's suspension, whose Wakeups go to the executor. Allocates if that is another than
/// last time.
template <Message T, class Executor>
[[nodiscard]] wait::Suspension& suspension_for(Subscriber<T>& subscriber,
                                               const Executor& executor) {
  wait::Suspension* const known = SubscriberAccess::suspension(subscriber);
  if (known != nullptr) {
    const wait::PostTarget& target = *known->target();
    if (typeid(target) == typeid(AsioTargetOf<Executor>) &&
        static_cast<const AsioTargetOf<Executor>&>(target).is_for(executor)) {
      return *known;
    }
  }
  return SubscriberAccess::suspension(subscriber, make_target(executor));
}
template <Message T, class Receive, class Handler, class Executor>
class ReceiveOperation final : public Operation {
 public:
  static void start(Subscriber<T>& subscriber, const Executor& executor, Handler handler) {
    auto& suspension = suspension_for(subscriber, executor);
    auto& target = static_cast<AsioTarget&>(*suspension.target());
    auto slot = net::get_associated_cancellation_slot(handler);

    Allocator allocator{allocator_for(handler, target)};
    ReceiveOperation* const memory = Traits::allocate(allocator, 1);
    auto* const operation =
        new (memory) ReceiveOperation{subscriber, suspension, target, executor, std::move(handler)};
    target.begin(*operation);
    if (slot.is_connected()) slot.template emplace<Cancel>(suspension, operation->since_);
    operation->start();
  }

  ReceiveOperation(const ReceiveOperation&) = delete;
  ReceiveOperation& operator=(const ReceiveOperation&) = delete;

 private:
  using Result = decltype(Receive{}(std::declval<Subscriber<T>&>()));
  using AssociatedAllocator = net::associated_allocator_t<Handler>;
  /// Whether the handler leaves it to us where its operation lies.
  static constexpr bool kSpare = std::same_as<AssociatedAllocator, std::allocator<void>>;
  using Allocator = typename std::allocator_traits<std::conditional_t<
      kSpare, SpareAllocator<void>, AssociatedAllocator>>::template rebind_alloc<ReceiveOperation>;
  using Traits = std::allocator_traits<Allocator>;

  /// Asks for the end of an operation; lives as long as the slot pleases.
  class Cancel {
   public:
    Cancel(wait::Suspension& suspension, wait::Suspension::Turn since) noexcept
        : suspension_{suspension}, since_{since} {
      suspension.retain();
    }
    Cancel(const Cancel&) = delete;
    Cancel& operator=(const Cancel&) = delete;
    ~Cancel() { suspension_.release(); }

    void operator()(net::cancellation_type_t type) noexcept {
      if (type != net::cancellation_type_t::none) suspension_.cancel(since_);
    }

   private:
    wait::Suspension& suspension_;
    const wait::Suspension::Turn since_;
  };

  struct Free {
    void operator()(ReceiveOperation* operation) const noexcept {
      Allocator allocator{allocator_for(operation->handler_, operation->target_)};
      // A part of the handler may own the memory.
      const Handler handler{std::move(operation->handler_)};
      operation->~ReceiveOperation();
      Traits::deallocate(allocator, operation, 1);
    }
  };

  [[nodiscard]] static Allocator allocator_for(const Handler& handler,
                                               AsioTarget& target) noexcept {
    if constexpr (kSpare) {
      return Allocator{SpareAllocator<void>{&target.operation_memory()}};
    } else {
      return Allocator{net::get_associated_allocator(handler)};
    }
  }

  ReceiveOperation(Subscriber<T>& subscriber, wait::Suspension& suspension, AsioTarget& target,
                   const Executor& executor, Handler&& handler)
      : subscriber_{&subscriber},
        suspension_{suspension},
        target_{target},
        since_{suspension.next_turn()},
        work_{executor},
        handler_{std::move(handler)} {}
  ~ReceiveOperation() = default;

  [[nodiscard]] bool is_over() const noexcept {
    return suspension_.is_cancelled(since_) || SubscriberAccess::has_news(*subscriber_);
  }
  [[nodiscard]] bool suspend() {
    return suspension_.suspend(*this, [this] { return is_over(); });
  }

  /// Completes by way of the executor, even if there is a message.
  void start() {
    if (!is_over() && suspend()) return;
    try {
      suspension_.yield(*this);
    } catch (...) {
      target_.completed();
      Free{}(this);
      throw;
    }
  }

  void wake() override {
    suspension_.end();
    do {
      // Nothing is received for who has cancelled: there may be no use for a message any more.
      if (subscriber_ == nullptr || suspension_.is_cancelled(since_)) {
        return complete(std::unexpected<RecvError>{RecvError::Stopped});
      }
      Result result = receive();
      if (result || result.error() != RecvError::Empty) return complete(std::move(result));
      // There may be something and none of it wanted.
    } while (!suspend());
  }

  [[nodiscard]] Result receive() {
    try {
      return Receive{}(*subscriber_);
    } catch (...) {
      target_.completed();
      Free{}(this);
      throw;
    }
  }

  // Not inlined: g++ would warn of handlers that do not ask whether there was an error, for the
  // sake of the call with Stopped.
  [[gnu::noinline]] void complete(Result result) {
    target_.completed();
    Handler handler{std::move(handler_)};
    const auto work{std::move(work_)};
    Free{}(this);
    std::move(handler)(std::move(result));
  }

  void forsake() noexcept override { subscriber_ = nullptr; }

  void destroy() noexcept override {
    // Who is forsaken has nothing to end.
    if (subscriber_ != nullptr) suspension_.end();
    Free{}(this);
  }

  Subscriber<T>* subscriber_;
  // These two live as long as whoever wakes, and longer than the operation.
  wait::Suspension& suspension_;
  AsioTarget& target_;
  const wait::Suspension::Turn since_;
  net::executor_work_guard<Executor> work_;
  Handler handler_;
};

/// Takes the handler that a completion token stands for.
template <Message T, class Receive>
class InitiateReceive {
 public:
  explicit InitiateReceive(Subscriber<T>& subscriber) noexcept : subscriber_{&subscriber} {}

  template <class Handler>
  void operator()(Handler&& handler) const {
    start(net::get_associated_executor(handler), std::forward<Handler>(handler));
  }

 private:
  template <class Executor, class Handler>
  void start(const Executor& executor, Handler&& handler) const {
    // Looks into an any_io_executor, which would allocate at each post.
    if constexpr (std::same_as<Executor, net::any_io_executor>) {
      using Inner = net::io_context::executor_type;
      // Asio 1.22 has its target() believe everybody.
      if (executor.target_type() == typeid(Inner)) {
        return start(*executor.template target<Inner>(), std::forward<Handler>(handler));
      }
    }
    ReceiveOperation<T, Receive, std::decay_t<Handler>, Executor>::start(
        *subscriber_, executor, std::forward<Handler>(handler));
  }

  Subscriber<T>* subscriber_;
};

}  // namespace asio_detail

/// Receives the next message: an asynchronous operation with the signature
/// `void(std::expected<T, RecvError>)`, which completes with what `recv` gives.
///
///     auto event = co_await ron::async_recv(rx, asio::use_awaitable);
///     auto either = co_await (ron::async_recv(rx, use_awaitable) ||
///     timer.async_wait(use_awaitable));
///
/// It completes by way of the associated executor, never in the initiating function nor in a
/// publish, and is outstanding work until then. The cursor moves at that moment and not before: an
/// operation that is cancelled (per operation; total, partial or terminal) completes with
/// RecvError::Stopped, and the message is there for the next receive. It uses the associated
/// allocator; if there is none it allocates once for a subscriber and executor.
///
/// As with any subscriber, one receive at a time, in one thread or strand, and the subscriber stays
/// where it is until then. If it is destroyed meanwhile the operation completes with Stopped; if
/// the execution context is, the handler is destroyed without being called. If a copy of T throws,
/// the exception leaves the executor's run() and the handler is destroyed; the cursor has not
/// moved.
template <Message T, class CompletionToken>
  requires std::copy_constructible<T>
auto async_recv(Subscriber<T>& subscriber, CompletionToken&& token) {
  return asio_detail::net::async_initiate<CompletionToken, void(std::expected<T, RecvError>)>(
      asio_detail::InitiateReceive<T, detail::ByValue>{subscriber}, token);
}

/// As `async_recv`, for any message, which is not copied: `void(std::expected<Borrowed<T>,
/// RecvError>)`.
template <Message T, class CompletionToken>
auto async_borrow(Subscriber<T>& subscriber, CompletionToken&& token) {
  return asio_detail::net::async_initiate<CompletionToken,
                                          void(std::expected<Borrowed<T>, RecvError>)>(
      asio_detail::InitiateReceive<T, detail::Borrowing>{subscriber}, token);
}
}
}  // namespace ron
