// SPDX-License-Identifier: MIT OR Apache-2.0
#include "signal_inbox.hpp"

#include <cerrno>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

namespace ron::cli {
namespace {

void set_disposition(int signal, sighandler_t disposition) {
  struct sigaction action{};
  action.sa_handler = disposition;
  sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action{};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

SignalInbox::SignalInbox(std::initializer_list<int> more) {
  set_disposition(SIGPIPE, SIG_IGN);
  set_disposition(SIGCHLD, SIG_DFL);  // ignored, it would make the ends of children unknown
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(signal)) sigaddset(&signals, signal);  // as under nohup
  }
  for (const int signal : more) {
    if (!is_ignored(signal)) sigaddset(&signals, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals, &original_mask_);
  descriptor_ = FileDescriptor{::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!descriptor_) throw std::system_error{errno, std::generic_category(), "signalfd"};
}

std::optional<int> SignalInbox::take() noexcept {
  signalfd_siginfo info{};
  if (::read(descriptor_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace ron::cli
