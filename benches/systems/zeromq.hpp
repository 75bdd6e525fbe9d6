// SPDX-License-Identifier: MIT OR Apache-2.0
//
// ZeroMQ inproc, publish/subscribe: a PUB socket for each sender, a SUB socket for each receiver,
// connected to all of them. The high-water marks of the two ends add up to the capacity. Gated,
// a sender waits at the mark instead of dropping (ZMQ_XPUB_NODROP).
#pragma once

#include <atomic>
#include <bitset>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <zmq.h>

#include "systems/system.hpp"

namespace ron::bench::zeromq {

/// The context of the process.
[[nodiscard]] void* context();

struct Close {
  void operator()(void* socket) const noexcept;
};
using Socket = std::unique_ptr<void, Close>;

/// Throws WrongAnswer with what ZeroMQ says.
[[noreturn]] void fail(const char* what);
[[nodiscard]] Socket open(int type);
void set(const Socket& socket, int option, int value);
/// Where sender `index` of a system can be reached.
[[nodiscard]] std::string address(std::uint64_t system, std::size_t index);
/// A name that no other system has.
[[nodiscard]] std::uint64_t next_system() noexcept;

/// Looks at what receivers have told a PUB socket, which sending does only every millisecond:
/// subscriptions, and what they have read. Waits for that many subscriptions.
void attend(const Socket& socket, std::size_t subscriptions);

}  // namespace ron::bench::zeromq

namespace ron::bench {

template <class T, Loss kLoss>
  requires std::is_trivially_copyable_v<T>
class ZeroMq {
  /// Of a sender.
  using Index = std::uint8_t;

  /// What there is for a sender.
  struct alignas(64) Outlet {
    zeromq::Socket socket;
    /// How many receivers have seen its end.
    std::atomic<std::size_t> ends_seen{0};
  };

 public:
  static constexpr Accounting kAccounting = Accounting::Nobody;
  static constexpr bool kSubscribesAnyTime = true;
  static constexpr bool kSleeps = true;
  static constexpr bool kFlushes = false;
  static constexpr bool kModes = false;
  static constexpr bool kHeapIsSeen = true;

  explicit ZeroMq(const Shape& shape)
      : name_{zeromq::next_system()}, shape_{shape}, outlets_(shape.publishers) {
    for (std::size_t i = 0; i < shape.publishers; ++i) {
      const zeromq::Socket& socket = outlets_[i].socket = zeromq::open(ZMQ_XPUB);
      // XPUB is PUB, with subscriptions to be seen.
      zeromq::set(socket, ZMQ_XPUB_VERBOSE, 1);
      zeromq::set(socket, ZMQ_SNDHWM, static_cast<int>((shape.capacity + 1) / 2));
      if (kLoss == Loss::Gated) zeromq::set(socket, ZMQ_XPUB_NODROP, 1);
      const std::string address = zeromq::address(name_, i);
      if (zmq_bind(socket.get(), address.c_str()) != 0) zeromq::fail("zmq_bind");
    }
  }

  class Sender {
   public:
    [[gnu::always_inline]] void send(const T& message) {
      if constexpr (kLoss == Loss::Lossy) {
        if (++unattended_ >= attend_after_) [[unlikely]] {
          zeromq::attend(socket_, 0);
          unattended_ = 0;
        }
      }
      if (zmq_send(socket_.get(), &message, sizeof message, 0) < 0) zeromq::fail("zmq_send");
    }
    void send_many(std::span<const T> messages) {
      for (const T& message : messages) send(message);
    }
    /// The end is a message of one byte, which says whose it is. Lossy, ZeroMQ drops for a
    /// subscriber that was full until that has read half of what it had, so the end is sent again
    /// until all have seen it.
    void finish() {
      do {
        if (zmq_send(socket_.get(), &index_, sizeof index_, 0) < 0) zeromq::fail("zmq_send");
        if (kLoss == Loss::Gated) return;
        zeromq::attend(socket_, 0);
        std::this_thread::yield();
      } while (seen_->load(std::memory_order_acquire) < subscribers_);
    }

   private:
    friend class ZeroMq;
    Sender(ZeroMq& system, Outlet& outlet, std::size_t index)
        : socket_{std::move(outlet.socket)},
          index_{static_cast<Index>(index)},
          seen_{&outlet.ends_seen},
          subscribers_{system.subscribed_},
          attend_after_{system.shape_.capacity / 2} {
      zeromq::attend(socket_, subscribers_);
    }

    zeromq::Socket socket_;
    Index index_;
    const std::atomic<std::size_t>* seen_;
    std::size_t subscribers_;
    std::size_t unattended_ = 0;
    std::size_t attend_after_;
  };

  class Receiver {
   public:
    template <class Sink>
    Receipt try_receive(Sink&& sink) {
      return take(sink, ZMQ_DONTWAIT);
    }
    template <class Sink>
    Receipt receive(Sink&& sink) {
      return take(sink, 0);
    }
    Receipt receive_many(std::span<T> out) {
      std::size_t count = 0;
      const auto sink = [&](const T& message) { out[count++] = message; };
      const Receipt first = receive(sink);
      if (first.told != Told::Messages) return first;
      while (count < out.size() && try_receive(sink).told == Told::Messages) {
      }
      return {Told::Messages, count};
    }

   private:
    friend class ZeroMq;
    explicit Receiver(ZeroMq& system)
        : socket_{zeromq::open(ZMQ_SUB)}, system_{&system}, unfinished_{system.shape_.publishers} {
      zeromq::set(socket_, ZMQ_RCVHWM, static_cast<int>(system.shape_.capacity / 2));
      for (std::size_t i = 0; i < system.shape_.publishers; ++i) {
        const std::string address = zeromq::address(system.name_, i);
        if (zmq_connect(socket_.get(), address.c_str()) != 0) zeromq::fail("zmq_connect");
      }
      if (zmq_setsockopt(socket_.get(), ZMQ_SUBSCRIBE, "", 0) != 0) zeromq::fail("ZMQ_SUBSCRIBE");
    }

    template <class Sink>
    Receipt take(Sink& sink, int flags) {
      while (unfinished_ > 0) {
        T message;
        const int size = zmq_recv(socket_.get(), &message, sizeof message, flags);
        if (size == static_cast<int>(sizeof message)) [[likely]] {
          sink(message);
          return {Told::Messages, 1};
        }
        if (size < 0 && zmq_errno() == EAGAIN) return {Told::Nothing, 0};
        if (size != sizeof(Index)) zeromq::fail("zmq_recv");
        Index ended = 0;
        std::memcpy(&ended, &message, sizeof ended);
        see_end(ended);
      }
      return {Told::Closed, 0};
    }
    void see_end(Index sender) noexcept {
      if (ended_[sender]) return;
      ended_[sender] = true;
      --unfinished_;
      system_->outlets_[sender].ends_seen.fetch_add(1, std::memory_order_release);
    }

    zeromq::Socket socket_;
    ZeroMq* system_;
    std::bitset<std::numeric_limits<Index>::max() + 1> ended_;
    std::size_t unfinished_;
  };

  [[nodiscard]] Sender sender() {
    const std::size_t index = senders_++;
    return Sender{*this, outlets_[index], index};
  }
  [[nodiscard]] Receiver subscribe() {
    ++subscribed_;
    return Receiver{*this};
  }

 private:
  std::uint64_t name_;
  Shape shape_;
  std::vector<Outlet> outlets_;
  std::size_t senders_ = 0;
  /// Before the senders; those who come later may miss what is sent before they are known.
  std::size_t subscribed_ = 0;
};

}  // namespace ron::bench
