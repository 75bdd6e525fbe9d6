// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a model is written, and found.
//
// A model is a struct like
//
//     struct Meeting : models::Model<2> {         // threads
//       void thread(unsigned index) override;     // what each of them does
//       void after() override;                    // what holds when all have returned
//     };
//     const models::Registered meeting{"meeting", models::Size::Quick,
//                                      models::exhaustive<Meeting>};
//
// which is made anew for each execution. RL_ASSERT states what must hold. A thread that sleeps for
// ever, a race between accesses to an rl::var and an endless loop fail by themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <source_location>
#include <string>
#include <vector>

#include <ronbus_model.hpp>

namespace models {

struct Outcome {
  bool held = false;
  std::uint64_t executions = 0;
  std::string how;    ///< which executions were run
  std::string story;  ///< of the execution that failed
};

#if defined(RONBUS_QUICK_MODELS)
inline constexpr bool kQuickOnly = true;
#else
inline constexpr bool kQuickOnly = false;
#endif

/// Quick models are those of `scripts/model --quick`, whose program has no others: to compile a
/// model takes longer than to run a small one.
struct Size {
  struct QuickModel {};
  struct FullModel {};
  static constexpr QuickModel Quick{};
  static constexpr FullModel Full{};
};

struct Registered {
  template <class Search>
  Registered(std::string its_name, Size::QuickModel /*size*/, Search /*search*/,
             std::source_location where = std::source_location::current())
      : name{std::move(its_name)}, source{where.file_name()}, quick{true}, run{Search::run} {
    all().push_back(this);
  }
  template <class Search>
  Registered(std::string its_name, Size::FullModel /*size*/, Search /*search*/,
             std::source_location where = std::source_location::current())
      : name{std::move(its_name)}, source{where.file_name()} {
    if constexpr (!kQuickOnly) {
      run = Search::run;
      all().push_back(this);
    }
  }

  static std::vector<const Registered*>& all() {
    static std::vector<const Registered*> models;
    return models;
  }

  std::string name;
  std::string source;
  bool quick = false;
  Outcome (*run)() = nullptr;
};

class AnyModel {
 public:
  AnyModel() = default;
  AnyModel(const AnyModel&) = delete;
  AnyModel& operator=(const AnyModel&) = delete;
  virtual ~AnyModel() = default;

  virtual void thread(unsigned index) = 0;
  virtual void after() {}
};

template <unsigned threads>
struct Model : AnyModel {
  static constexpr unsigned kThreads = threads;
};

/// Others may go on here: user code takes its time.
inline void take_time() { rl::ctx().sched(); }

enum class Search : std::uint8_t { Exhaustive, Bounded, Random };

/// Runs executions of the model of so many threads that `make` makes; `bound` tells how many
/// preemptions, or executions.
Outcome search(unsigned threads, Search kind, std::uint64_t bound, AnyModel* (*make)());

template <class Test, Search kind, std::uint64_t bound>
struct Searched {
  static Outcome run() { return search(Test::kThreads, kind, bound, make); }

 private:
  /// In the same place each time.
  static AnyModel* make() {
    alignas(Test) static std::byte storage[sizeof(Test)];
    return new (storage) Test;
  }
};

/// Every order of steps.
template <class Test>
inline constexpr Searched<Test, Search::Exhaustive, 0> exhaustive;

/// Every order of steps in which running threads are interrupted up to `switches` times.
template <class Test, std::uint64_t switches>
inline constexpr Searched<Test, Search::Bounded, switches> bounded;

/// Orders of steps picked at random, the same ones each time.
template <class Test, std::uint64_t executions>
inline constexpr Searched<Test, Search::Random, executions> random;

}  // namespace models
