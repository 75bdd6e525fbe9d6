// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What must not compile, each beside what must. Compiled twice by check.py: as it is, which must
// work, and with MUST_FAIL defined; then every line marked "error:" must be reported with a message
// that matches, and no other line.
#include <chrono>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <ronbus/ronbus.hpp>

namespace {

using namespace std::chrono_literals;
using Ticket = std::unique_ptr<int>;

// clang-format off

// A subscriber, a publisher and a borrowed message have one owner.

[[maybe_unused]] void one_owner(ron::Subscriber<int>& subscriber, ron::Subscriber<int>& other,
                                ron::Publisher<int>& publisher, ron::Borrowed<int>& borrowed) {
#ifdef MUST_FAIL
  ron::Subscriber<int> subscriber_copy{subscriber};  // error: deleted.*Subscriber
  subscriber = other;                                // error: deleted.*operator
  ron::Publisher<int> publisher_copy{publisher};     // error: deleted.*Publisher
  ron::Borrowed<int> borrowed_copy{borrowed};        // error: deleted.*Borrowed
#else
  ron::Subscriber<int> moved_subscriber{std::move(subscriber)};
  moved_subscriber = std::move(other);
  ron::Publisher<int> moved_publisher{std::move(publisher)};
  ron::Borrowed<int> moved_borrowed{std::move(borrowed)};
#endif
}

// What a receive answers cannot be ignored by accident: loss is a value.

[[maybe_unused]] void receive(ron::Subscriber<int>& subscriber, std::span<int> batch) {
  const auto look = [](int) {};
#ifdef MUST_FAIL
  subscriber.try_recv();                                        // error: ignoring.*(try_recv|nodiscard)
  subscriber.recv();                                            // error: ignoring.*(recv|nodiscard)
  subscriber.recv_for(1s);                                      // error: ignoring.*(recv_for|nodiscard)
  subscriber.recv_until(std::chrono::steady_clock::now());      // error: ignoring.*(recv_until|nodiscard)
  subscriber.try_recv_many(batch);                              // error: ignoring.*(try_recv_many|nodiscard)
  subscriber.recv_many(batch);                                  // error: ignoring.*(recv_many|nodiscard)
  subscriber.try_visit(look);                                   // error: ignoring.*(try_visit|nodiscard)
  subscriber.visit(look);                                       // error: ignoring.*(visit|nodiscard)
  subscriber.poll(look, 4);                                     // error: ignoring.*(poll|nodiscard)
  subscriber.try_borrow();                                      // error: ignoring.*(try_borrow|nodiscard)
  subscriber.borrow();                                          // error: ignoring.*(borrow|nodiscard)
#else
  (void)subscriber.try_recv();
  (void)subscriber.recv();
  (void)subscriber.recv_for(1s);
  (void)subscriber.recv_until(std::chrono::steady_clock::now());
  (void)subscriber.try_recv_many(batch);
  (void)subscriber.recv_many(batch);
  (void)subscriber.try_visit(look);
  (void)subscriber.visit(look);
  (void)subscriber.poll(look, 4);
  (void)subscriber.try_borrow();
  (void)subscriber.borrow();
#endif
}

// Nor whether a publish that may be refused went through; a plain publish may be ignored.

[[maybe_unused]] void publish(const ron::Bus<int>& bus, ron::Publisher<int>& publisher,
                              const std::vector<int>& batch) {
#ifdef MUST_FAIL
  publisher.try_publish(1);            // error: ignoring.*(try_publish|nodiscard)
  publisher.publish_wait(1);           // error: ignoring.*(publish_wait|nodiscard)
  publisher.try_publish_many(batch);   // error: ignoring.*(try_publish_many|nodiscard)
  publisher.publish_many_wait(batch);  // error: ignoring.*(publish_many_wait|nodiscard)
  bus.try_publish(1);                  // error: ignoring.*(try_publish|nodiscard)
  bus.publish_wait(1);                 // error: ignoring.*(publish_wait|nodiscard)
  bus.publisher();                     // error: ignoring.*(publisher|nodiscard)
  bus.subscribe();                     // error: ignoring.*(subscribe|nodiscard)
#else
  (void)publisher.try_publish(1);
  (void)publisher.publish_wait(1);
  (void)publisher.try_publish_many(batch);
  (void)publisher.publish_many_wait(batch);
  (void)bus.try_publish(1);
  (void)bus.publish_wait(1);
  (void)bus.publisher();
  (void)bus.subscribe();
  publisher.publish(1);
  publisher.publish_many(batch);
  bus.publish(1);
#endif
}

// A message is an object that can be moved, and destroyed without an exception.

struct Unmovable {
  Unmovable() = default;
  Unmovable(Unmovable&&) = delete;
};
struct ThrowingDestructor {
  ThrowingDestructor() = default;
  ThrowingDestructor(ThrowingDestructor&&) = default;
  ~ThrowingDestructor() noexcept(false) {}
};

[[maybe_unused]] void build(const ron::BusBuilder& builder) {
#ifdef MUST_FAIL
  (void)builder.build<Unmovable>();           // error: no matching.*function
  (void)builder.build<ThrowingDestructor>();  // error: no matching.*function
  (void)builder.build<int&>();                // error: no matching.*function
  (void)builder.build<const int>();           // error: no matching.*function
  (void)builder.build<int[2]>();              // error: no matching.*function
  (void)builder.build<void>();                // error: no matching.*function
#else
  (void)builder.build<Ticket>();
  (void)builder.build<int*>();
  (void)builder.build<int>();
#endif
}

// What cannot be copied is received in place, and batches of it are moved from.

[[maybe_unused]] void move_only(ron::Subscriber<Ticket>& subscriber,
                                ron::Publisher<Ticket>& publisher, std::vector<Ticket>& batch,
                                const Ticket& ticket) {
#ifdef MUST_FAIL
  (void)subscriber.try_recv();          // error: no matching.*function|constraint
  (void)subscriber.recv();              // error: no matching.*function|constraint
  publisher.publish_many(batch);        // error: no matching.*function|constraint
  (void)publisher.try_publish(ticket);  // error: no matching.*function|cannot bind
#else
  (void)subscriber.try_borrow();
  (void)subscriber.visit([](const Ticket&) {});
  publisher.publish_many(std::move(batch));
  (void)publisher.try_publish(std::make_unique<int>(*ticket));
#endif
}

}  // namespace
