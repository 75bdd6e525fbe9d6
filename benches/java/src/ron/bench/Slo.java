// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.List;
import java.util.Map;

/** Latency to several sleeping receivers at a given rate; nothing is lost. */
final class Slo implements Workload {
  @Override
  public String name() {
    return "slo";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.number("rate", 1, 10_000_000),
        Parameter.number("subscribers", 4, 1, 64),
        Parameter.capacity(4096));
  }

  @Override
  public boolean suits(Contender contender) {
    return contender == Contender.BLOCKING;
  }

  @Override
  public String obstacle(Request request) {
    return suits(request.contender) ? null : "its wait strategy does not sleep";
  }

  @Override
  public Map<String, Number> run(Request request, Workers workers) throws InterruptedException {
    var pacing =
        new Pacing(request, request.count("subscribers"), 1e9 / request.number("rate"), workers);
    Histogram histogram = pacing.histogram();
    Map<String, Number> metrics = Pacing.metrics(histogram);
    metrics.put("p95_ns", histogram.percentile(95));
    metrics.put("deliveries_per_s", pacing.deliveriesPerSecond());
    metrics.put("lost_share", 0);
    return metrics;
  }
}
