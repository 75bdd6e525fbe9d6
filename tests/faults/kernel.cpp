// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Kernels that refuse what the library asks them for: membarrier, the futex calls it sleeps by, and
// descriptors. The tests of UnderAnyKernel hold whatever the kernel says; those of RefusingKernel
// run them again in a process whose calls are refused by a filter.
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ranges>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ronbus/ronbus.hpp>

#include "child.hpp"
#include "faulty.hpp"
#include "threads.hpp"

namespace ron::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRefused = "RONBUS_TEST_REFUSED";
bool is_refused(std::string_view what) {
  const char* const refused = std::getenv(kRefused);
  return refused != nullptr && std::string_view{refused}.contains(what);
}

TEST(UnderAnyKernel, the_fence_is_what_there_is) {
  const auto bus = faulty_bus<Text>();
  const bool portable = bus.config().fence.value == sync::FenceKind::SeqCst;
  if (is_refused("membarrier")) {
    EXPECT_TRUE(portable);
  }
  const auto demanded = BusBuilder{}.fence(FencePolicy::Membarrier).config();
  EXPECT_EQ(demanded.has_value(), !portable);
  if (!demanded) {
    EXPECT_EQ(demanded.error().knob, "fence");
  }
}

TEST(UnderAnyKernel, everybody_gets_every_message_and_the_end) {
  for (const BusMode mode : {BusMode::Classic, BusMode::Edge}) {
    const auto bus = faulty_bus<Text>(8, mode);
    constexpr Id kMessages = 300;
    std::array<std::vector<Id>, 3> seen;
    {
      std::vector<std::unique_ptr<Thread>> readers;
      for (auto& ids : seen) {
        auto rx = std::make_shared<Subscriber<Text>>(bus.subscribe({.gating = true}));
        readers.push_back(std::make_unique<Thread>([rx, &ids] {
          for (const auto& got : *rx) ids.push_back(got ? got->id : 1000);
        }));
      }
      auto publisher = bus.publisher().value();
      for (Id id = 0; id < kMessages; ++id) EXPECT_TRUE(publisher.publish_wait(Text{id}));
      EXPECT_TRUE(bus.drain().empty());
      bus.close();
    }
    for (const auto& ids : seen) {
      EXPECT_TRUE(std::ranges::equal(ids, std::views::iota(Id{0}, kMessages)));
    }
  }
}

TEST(UnderAnyKernel, deadlines_and_stops_end_every_wait) {
  const auto bus = faulty_bus<Text>(2);
  auto rx = bus.subscribe({.gating = true});
  auto publisher = bus.publisher().value();
  const auto from = std::chrono::steady_clock::now();
  EXPECT_EQ(rx.recv_for(10ms).error(), RecvError::Timeout);
  Selector selector{rx};
  EXPECT_EQ(selector.wait(10ms).error(), WaitError::Timeout);
  EXPECT_EQ(bus.wait_for_subscribers(2, 10ms).error(), WaitError::Timeout);
  publisher.emplace(1U);
  publisher.emplace(2U);
  EXPECT_EQ(publisher.publish_wait(Text{3}, 10ms).error(), PublishError::Timeout);
  EXPECT_EQ(bus.drain(10ms).size(), 1U);
  EXPECT_GE(std::chrono::steady_clock::now() - from, 50ms);

  std::stop_source stop;
  Thread stopper{[&stop] {
    std::this_thread::sleep_for(5ms);
    stop.request_stop();
  }};
  EXPECT_EQ(publisher.publish_wait(Text{3}, {}, stop.get_token()).error(), PublishError::Stopped);
  EXPECT_EQ(bus.wait_for_no_subscribers({}, stop.get_token()).error(), WaitError::Stopped);
}

TEST(UnderAnyKernel, who_waits_gives_up_the_processor) {
  const auto bus = faulty_bus<Text>();
  auto rx = bus.subscribe();
  const auto given_up = [] {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
  };
  // Again if somebody else took the processor until the time was over.
  const auto before = given_up();
  for (int i = 0; i < 100 && given_up() == before; ++i) {
    EXPECT_EQ(rx.recv_for(5ms).error(), RecvError::Timeout);
  }
  EXPECT_GT(given_up(), before);
}

TEST(UnderAnyKernel, a_descriptor_is_there_or_the_error_of_the_kernel) {
  const auto bus = faulty_bus<Text>();
  auto rx = bus.subscribe();
  const auto number = rx.descriptor();
  ASSERT_EQ(number.has_value(), !is_refused("eventfd"));
  if (number) {
    EXPECT_NE(::fcntl(*number, F_GETFD) & FD_CLOEXEC, 0) << "programs that are started inherit it";
  } else {
    EXPECT_EQ(number.error(), std::error_code(EPERM, std::system_category()));
  }
  bus.emplace(1U);
  EXPECT_EQ(ids_of(rx), std::vector<Id>{1});
}

// Refusals.

/// Refuses calls of this number, if their second argument is one of `arguments` or there are none.
void refuse(int number, std::initializer_list<std::uint32_t> arguments = {}) {
  std::vector<sock_filter> program{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  if (arguments.size() > 0) {
    program.push_back(
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + sizeof(std::uint64_t)));
    for (const std::uint32_t argument : arguments) {
      program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, argument, 0, 1));
      program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    }
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  } else {
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    std::_Exit(3);
  }
}

class RefusingKernel : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(All, RefusingKernel,
                         testing::Values("membarrier", "futex", "eventfd",
                                         "membarrier_futex_eventfd"),
                         [](const auto& what) { return std::string{what.param}; });

TEST_P(RefusingKernel, changes_nothing_but_how_it_is_done) {
  EXPECT_EQ(in_child([] {
              ::setenv(kRefused, GetParam(), 1);
              if (is_refused("membarrier")) refuse(SYS_membarrier);
              if (is_refused("futex")) {
                // Those of the library only: without the others no thread could be joined.
                refuse(SYS_futex, {FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG,
                                   FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG});
              }
              if (is_refused("eventfd")) refuse(SYS_eventfd2);
              run_again("UnderAnyKernel.*");
            }),
            0);
}

TEST(WithoutDescriptors, one_that_cannot_be_opened_is_an_error_and_all_else_goes_on) {
  const auto bus = faulty_bus<Text>();
  auto first = bus.subscribe();
  auto second = bus.subscribe();
  ASSERT_TRUE(first.descriptor().has_value());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  // Looked at later: sanitizers need descriptors themselves.
  const auto refused = second.descriptor();
  const auto refused_again = second.descriptor();
  bus.emplace(1U);
  const auto got = second.recv();
  const auto got_with_descriptor = first.recv();
  Selector selector{first, second};
  const auto selected = selector.wait(1ms);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(refused.error(), std::errc::too_many_files_open);
  EXPECT_EQ(refused_again.error(), std::errc::too_many_files_open);
  EXPECT_EQ(got->id, 1U);
  EXPECT_EQ(got_with_descriptor->id, 1U);
  EXPECT_EQ(selected.error(), WaitError::Timeout);
  EXPECT_TRUE(second.descriptor().has_value()) << "later there may be one again";
}

}  // namespace
}  // namespace ron::test
