// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a model is written, found and run.
//
// A model is a struct like
//
//     struct Meeting : models::Model<Meeting, 2> {     // threads
//       void thread(unsigned index);                   // what each of them does
//       void after();                                  // what holds when all have returned
//     };
//     const models::Registered meeting{"meeting", models::Size::Quick,
//     models::exhaustive<Meeting>};
//
// whose members are made anew for each execution. RL_ASSERT states what must hold. A thread that
// sleeps for ever, a race between accesses to an rl::var and an endless loop fail by themselves.
#pragma once

#include <cstdint>
#include <ostream>
#include <sstream>
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

enum class Size : std::uint8_t { Quick, Full };

struct Registered {
  Registered(std::string its_name, Size its_size, Outcome (*its_run)())
      : name{std::move(its_name)}, size{its_size}, run{its_run} {
    all().push_back(this);
  }

  static std::vector<const Registered*>& all() {
    static std::vector<const Registered*> models;
    return models;
  }

  std::string name;
  Size size;
  Outcome (*run)();
};

template <class Self, rl::thread_id_t threads>
class Model : public rl::test_suite<Self, threads> {
 public:
  Model() { ron::model::fence_of_thread = fence_of_thread; }

 private:
  /// Runs a fence in the midst of any thread, as membarrier does.
  static void fence_of_thread(rl::thread_id_t index) {
    struct Info : rl::aligned<rl::thread_info<threads>> {};
    static_assert(sizeof(Info) == sizeof(rl::aligned<rl::thread_info<threads>>));
    rl::context& context = rl::ctx();
    // Relacy keeps them in an array.
    auto* const own = static_cast<Info*>(static_cast<rl::aligned<rl::thread_info<threads>>*>(
        static_cast<rl::thread_info<threads>*>(context.threadx_)));
    own[index - context.threadx_->index_].atomic_thread_fence_seq_cst(context.seq_cst_fence_order_);
  }
};

/// Others may go on here: user code takes its time.
inline void take_time() { rl::ctx().sched(); }

template <class Test, class Scheduler>
Outcome search(rl::test_params params, std::string how) {
  rl::ostringstream story;  // allocates by itself, as all that grows during an execution must
  rl::ostringstream progress;
  params.output_stream = &story;
  params.progress_stream = &progress;
  params.execution_depth_limit = 2000;
  rl::ostringstream state;
  Outcome outcome{.how = std::move(how), .story = {}};
  outcome.held = rl::run_test<Test, Scheduler>(params, state, false) == rl::test_result_success;
  outcome.executions = params.stop_iteration;
  if (!outcome.held) {
    params.initial_state = state.str();
    params.collect_history = true;
    rl::ostringstream same;
    rl::run_test<Test, Scheduler>(params, same, true);
    outcome.story = story.str().c_str();
  }
  return outcome;
}

/// Every order of steps.
template <class Test>
Outcome exhaustive() {
  rl::test_params params;
  params.search_type = rl::sched_full;
  return search<Test, rl::full_search_scheduler<Test::params::thread_count>>(params,
                                                                             "every execution");
}

/// Every order of steps in which running threads are interrupted up to `switches` times.
template <class Test, unsigned switches>
Outcome bounded() {
  rl::test_params params;
  params.search_type = rl::sched_bound;
  params.context_bound = switches;
  return search<Test, rl::context_bound_scheduler<Test::params::thread_count>>(
      params, "every execution with up to " + std::to_string(switches) + " preemptions");
}

/// Orders of steps picked at random, the same ones each time.
template <class Test, std::uint64_t executions>
Outcome random() {
  rl::test_params params;
  params.search_type = rl::sched_random;
  params.iteration_count = executions;
  return search<Test, rl::random_scheduler<Test::params::thread_count>>(params,
                                                                        "random executions");
}

}  // namespace models
