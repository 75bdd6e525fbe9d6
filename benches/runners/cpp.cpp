// SPDX-License-Identifier: MIT OR Apache-2.0
//
// runner_cpp: what people would otherwise take in C++, as far as it was installed at the build.
#include <vector>

#include "runners/run.hpp"
#include "runners/systems.hpp"

int main(int argc, char**) {
  using namespace ron::bench;
  std::vector<RunnableSystem> systems{mutex_condvar()};
#ifdef RONBUS_WITH_BOOST
  systems.push_back(boost_lockfree());
#endif
#ifdef RONBUS_WITH_CONCURRENTQUEUE
  systems.push_back(concurrentqueue());
#endif
#ifdef RONBUS_WITH_TBB
  systems.push_back(tbb_bounded_queue());
#endif
#ifdef RONBUS_WITH_ZEROMQ
  systems.push_back(zeromq_inproc());
#endif
  return run_runner("runner_cpp", "cpp", argc, systems);
}
