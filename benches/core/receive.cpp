// SPDX-License-Identifier: MIT OR Apache-2.0
#include "core/receiving.hpp"

namespace ron::bench::core {

void add_receive(std::vector<Case>& cases) {
  const auto shared = [] { return build<Number>(BusBuilder{}.cap(kCapacity)); };
  const auto single = [] { return build<Number>(BusBuilder{}.cap(kCapacity).single_publisher()); };

  cases.push_back(receiving(cost("try_recv_single", "try_recv, draining a full ring", 0.2),
                            single(), ByTryRecv{}));
  cases.push_back(receiving(cost("try_recv_shared", "try_recv, draining a full ring", 0.6),
                            shared(), ByTryRecv{}));
  cases.push_back(receiving(cost("recv_single", "recv, draining a full ring"), single(), ByRecv{}));
  cases.push_back(receiving(cost("recv_shared", "recv, draining a full ring"), shared(), ByRecv{}));
  cases.push_back(receiving(cost("recv_many_64_single", "recv_many of 64, by the message", 0.1),
                            single(), ByRecvMany{}));
  cases.push_back(receiving(cost("recv_many_64_shared", "recv_many of 64, by the message"),
                            shared(), ByRecvMany{}));
  cases.push_back(receiving(cost("poll_single", "poll with a handler, draining a full ring"),
                            single(), ByPoll{}));
}

}  // namespace ron::bench::core
