// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.List;
import java.util.Map;

/** How long a message is under way to a receiver that polls or sleeps. */
final class Latency implements Workload {
  private static final double HURRIED_NANOS = 1000;

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.number("interval_us", 1, 1_000_000),
        Parameter.choice("receiver", "polling", "sleeping", "async"),
        Parameter.capacity(1024));
  }

  @Override
  public String obstacle(Request request) {
    boolean blocking = request.contender == Contender.BLOCKING;
    switch (request.word("receiver")) {
      case "async":
        return "the Disruptor has no receiver that is a task";
      case "sleeping":
        return blocking ? null : "its wait strategy does not sleep";
      default:
        return blocking ? "its wait strategy does not poll" : request.contender.obstacle(1);
    }
  }

  @Override
  public Map<String, Number> run(Request request, Workers workers) throws InterruptedException {
    double interval = request.hurried ? HURRIED_NANOS : request.number("interval_us") * 1e3;
    return Pacing.metrics(new Pacing(request, 1, interval, workers).histogram());
  }
}
