// SPDX-License-Identifier: MIT OR Apache-2.0
#include "any_bus_of.hpp"

namespace ron::test {

std::unique_ptr<AnyBus> make_pinned_bus(const BusSpec& spec) {
  switch (spec.storage) {
    case Storage::PinnedString:
    case Storage::SolePinnedString:
      return make_bus_of<std::string>(spec);
    case Storage::PinnedEvent:
      return make_bus_of<KernelEvent>(spec);
    case Storage::PinnedMoveOnly:
      return make_bus_of<Ticket>(spec);
    default:
      return nullptr;
  }
}

std::unique_ptr<AnyBus> make_bus(const BusSpec& spec) {
  auto bus = make_trivial_bus(spec);
  return bus ? std::move(bus) : make_pinned_bus(spec);
}

std::string name_of(Storage storage) {
  switch (storage) {
    case Storage::DenseWord:
      return "DenseWord";
    case Storage::DenseStruct:
      return "DenseStruct";
    case Storage::PairedWord:
      return "PairedWord";
    case Storage::CopiedStruct:
      return "CopiedStruct";
    case Storage::PinnedString:
      return "PinnedString";
    case Storage::PinnedEvent:
      return "PinnedEvent";
    case Storage::PinnedMoveOnly:
      return "PinnedMoveOnly";
    case Storage::SolePinnedString:
      return "SolePinnedString";
  }
  std::unreachable();
}

bool is_sole(Storage storage) {
  return storage == Storage::DenseWord || storage == Storage::DenseStruct ||
         storage == Storage::SolePinnedString;
}

std::string name_of(BusMode mode) {
  switch (mode) {
    case BusMode::Classic:
      return "Classic";
    case BusMode::Batched:
      return "Batched";
    case BusMode::Edge:
      return "Edge";
    case BusMode::EdgeBatched:
      return "EdgeBatched";
  }
  std::unreachable();
}

std::string name_of(Way way) {
  switch (way) {
    case Way::TryRecv:
      return "TryRecv";
    case Way::Recv:
      return "Recv";
    case Way::RecvFor:
      return "RecvFor";
    case Way::RecvUntil:
      return "RecvUntil";
    case Way::TryRecvMany:
      return "TryRecvMany";
    case Way::RecvMany:
      return "RecvMany";
    case Way::TryVisit:
      return "TryVisit";
    case Way::Visit:
      return "Visit";
    case Way::Poll:
      return "Poll";
    case Way::TryBorrow:
      return "TryBorrow";
    case Way::Borrow:
      return "Borrow";
  }
  std::unreachable();
}

bool can_wait(Way way) {
  return way == Way::Recv || way == Way::RecvFor || way == Way::RecvUntil || way == Way::RecvMany ||
         way == Way::Visit || way == Way::Borrow;
}

bool supports(Storage storage, Way way) {
  if (storage != Storage::PinnedMoveOnly) return true;
  return way == Way::TryVisit || way == Way::Visit || way == Way::Poll || way == Way::TryBorrow ||
         way == Way::Borrow;
}

std::ostream& operator<<(std::ostream& out, const Got& got) {
  switch (got.kind) {
    case Got::Message:
      return out << "message " << got.value;
    case Got::Empty:
      return out << "Empty";
    case Got::Lagged:
      return out << "Lagged(" << got.value << ")";
    case Got::Closed:
      return out << "Closed";
    case Got::Timeout:
      return out << "Timeout";
    case Got::Stopped:
      return out << "Stopped";
    case Got::Disconnected:
      return out << "Disconnected";
  }
  std::unreachable();
}

std::ostream& operator<<(std::ostream& out, const Sent& sent) {
  if (sent.result) return out << "covered " << *sent.result;
  return out << to_string(sent.result.error()) << (sent.kept ? "" : ", and the message was lost");
}

Got got(RecvError error) {
  switch (error.kind()) {
    case RecvError::Empty:
      return kEmpty;
    case RecvError::Lagged:
      return lagged(error.missed());
    case RecvError::Closed:
      return kClosed;
    case RecvError::Timeout:
      return kTimeout;
    case RecvError::Stopped:
      return kStopped;
    case RecvError::Disconnected:
      return kDisconnected;
  }
  std::unreachable();
}

Got AnySubscriber::receive_one(Way way) {
  std::vector<Got> out;
  receive(way, 1, out);
  return out.front();
}

std::vector<Got> AnySubscriber::drain(Way way, std::size_t limit) {
  // More than any ring holds: a bus that goes on for ever must fail the test, not hang it.
  constexpr std::size_t kTooMany = 200'000;
  std::vector<Got> out;
  while (out.size() < kTooMany) {
    receive(way, limit, out);
    if (out.back().is_end()) return out;
    if (out.back().is_nothing()) {
      out.pop_back();
      return out;
    }
  }
  return out;
}

}  // namespace ron::test
