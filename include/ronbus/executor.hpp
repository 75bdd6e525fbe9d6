// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "ronbus/wait/suspension.hpp"  // IWYU pragma: export

namespace ron {

namespace detail {
struct SubscriberAccess;
}

/// Where suspended receives go on: a handle to a function of the user that is given a Wakeup
/// whenever one of them may have something to receive, and puts it where a thread of the user's
/// will run it.
///
///     ron::Executor executor{[&pool](ron::Wakeup wakeup) { pool.submit(std::move(wakeup)); }};
///
/// The function is called in the middle of a publish, a close, a stop request, or of another
/// Wakeup, by any thread and by several at once. It must not block, and must not run the Wakeup
/// itself. If it throws, the next publish or close tries again. What it refers to must be there as
/// long as somebody may be in the middle of such a call: let it own a share, or end the publishers
/// first.
///
/// Copies share the function, which goes with the last of them.
class Executor {
 public:
  template <class Hook>
    requires(!std::same_as<Hook, Executor> && std::invocable<const Hook&, Wakeup>)
  explicit Executor(Hook hook) : target_{std::make_shared<Calling<Hook>>(std::move(hook))} {}

  friend bool operator==(const Executor&, const Executor&) noexcept = default;

 private:
  friend struct detail::SubscriberAccess;

  template <class Hook>
  class Calling final : public wait::PostTarget {
   public:
    explicit Calling(Hook hook) : hook_{std::move(hook)} {}
    void post(Wakeup wakeup) override { hook_(std::move(wakeup)); }

   private:
    const Hook hook_;
  };

  std::shared_ptr<wait::PostTarget> target_;
};

}  // namespace ron
