// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All workloads: those that the Disruptor can do, and why it cannot do the others. */
final class Workloads {
  private static final List<Workload> DONE =
      List.of(
          new Throughput(),
          new LatencyService(),
          new Latency(),
          new Slo(),
          new Gated(),
          new FanoutScaling(),
          new Payloads(),
          new Construct());

  private static final Map<String, String> NOT_DONE =
      Map.of(
          "overflow", NothingIsLost.REASON,
          "bus_publish", NothingIsLost.REASON,
          "ab_compare", NothingIsLost.REASON,
          "floors", "floors belong to the system floor");

  static Workload of(String name) throws Protocol.Obstacle {
    for (Workload workload : DONE) {
      if (workload.name().equals(name)) return workload;
    }
    String reason = NOT_DONE.get(name);
    if (reason != null) throw new Protocol.Obstacle(reason);
    throw new BadRequest(
        "workload=" + name + ": none of "
            + Stream.concat(DONE.stream().map(Workload::name), NOT_DONE.keySet().stream().sorted())
                .collect(Collectors.joining(", ")));
  }

  static List<String> namesFor(Contender contender) {
    return DONE.stream()
        .filter(workload -> workload.suits(contender))
        .map(Workload::name)
        .toList();
  }

  private Workloads() {}
}
