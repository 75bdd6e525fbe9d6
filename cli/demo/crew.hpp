// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ronbus/bus.hpp"
#include "ronbus/publisher.hpp"
#include "ronbus/subscriber.hpp"

#include "../event.hpp"
#include "../work.hpp"
#include "audit.hpp"
#include "message.hpp"
#include "parameters.hpp"

namespace ron::cli::demo {

/// The publishers and subscribers of a demo, a thread each.
class Crew {
 public:
  /// Subscribes everybody, then starts to publish. Sets `published` when all is published. There
  /// have to be as many publishers as the bus allows.
  Crew(Bus<Message> bus, const Parameters& parameters, Event& published);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() { (void)end(); }

  /// Ends publishing, closes the bus, and lets everybody read what is left, without pauses. Returns
  /// what each counted itself. The subscribers stay on the bus as long as this lives.
  [[nodiscard]] Accounts end();

 private:
  struct Receiver {
    Subscriber<Message> subscriber;
    std::chrono::microseconds pause;
    Accounts::Receiver account;
  };

  void subscribe(std::size_t count, const std::string& kind);
  void publish(Publisher<Message> publisher, std::size_t index, const std::stop_token& stop);
  void receive(Receiver& receiver, const std::stop_token& hurry);

  Bus<Message> bus_;
  Parameters parameters_;
  Event& published_;
  Work work_;
  std::vector<std::uint64_t> sent_;  ///< by each publisher, which writes its own until it is joined
  std::atomic<std::size_t> publishing_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::vector<std::jthread> receiver_threads_;
  std::vector<std::jthread> publisher_threads_;
};

}  // namespace ron::cli::demo
