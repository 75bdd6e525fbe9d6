// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Relacy's search, compiled once for all models of as many threads: its templates take longer to
// compile than the models.

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <sstream>
#include <string>

#include "model.hpp"

namespace models {
namespace {

AnyModel* (*make_model)() = nullptr;

template <rl::thread_id_t threads>
class Execution : public rl::test_suite<Execution<threads>, threads> {
 public:
  Execution() {
    ron::model::fence_of_thread = fence_of_thread;
    ron::model::begin_release_sequence = begin_release_sequence;
    model_ = make_model();
  }
  ~Execution() { model_->~AnyModel(); }

  void thread(unsigned index) { model_->thread(index); }
  void after() { model_->after(); }

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

  static void begin_release_sequence(rl::atomic_data* word, bool releases) {
    auto& data = *static_cast<rl::atomic_data_impl<threads>*>(word);
    const auto& own = static_cast<rl::thread_info<threads>&>(*rl::ctx().threadx_);
    auto& newest = data.history_[data.current_index_ % data.history_size];
    std::ranges::copy(releases ? own.acq_rel_order_ : own.release_fence_order_,
                      newest.acq_rel_order_);
  }

  AnyModel* model_;
};

template <class Test, class Scheduler>
Outcome run(rl::test_params params, std::string how) {
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

template <rl::thread_id_t threads>
Outcome run_bounded(std::uint64_t switches) {
  rl::test_params params;
  params.search_type = rl::sched_bound;
  params.context_bound = static_cast<unsigned>(switches);
  return run<Execution<threads>, rl::context_bound_scheduler<threads>>(
      params, "every execution with up to " + std::to_string(switches) + " preemptions");
}

}  // namespace

Outcome search(unsigned threads, Search kind, std::uint64_t bound, AnyModel* (*make)()) {
  make_model = make;
  if (kind == Search::Bounded) {
    if (threads == 2) return run_bounded<2>(bound);
    if constexpr (!kQuickOnly) {
      if (threads == 3) return run_bounded<3>(bound);
      if (threads == 4) return run_bounded<4>(bound);
    }
  } else if (threads == 2) {
    rl::test_params params;
    if (kind == Search::Exhaustive) {
      params.search_type = rl::sched_full;
      return run<Execution<2>, rl::full_search_scheduler<2>>(params, "every execution");
    }
    params.search_type = rl::sched_random;
    params.iteration_count = bound;
    return run<Execution<2>, rl::random_scheduler<2>>(params, "random executions");
  }
  return {.how = "no search is compiled for so many threads", .story = {}};
}

}  // namespace models
