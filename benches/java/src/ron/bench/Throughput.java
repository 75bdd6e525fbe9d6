// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.RingBuffer;
import java.util.List;
import java.util.Map;

/** One thread publishes one by one and nobody reads; subscribers would have to. */
final class Throughput implements Workload {
  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.number("subscribers", 0, 0, 1024),
        Parameter.number("slow", 0, 0, 1),
        Parameter.capacity(1024));
  }

  @Override
  public String obstacle(Request request) {
    return request.number("subscribers") + request.number("slow") == 0
        ? null
        : NothingIsLost.REASON;
  }

  @Override
  public Map<String, Number> run(Request request, Workers workers) throws InterruptedException {
    RingBuffer<LongEvent> ring = Rings.longs(request, 1);
    var publisher = new Publishers(ring, 1, 1, request.millis);
    publisher.start(workers, () -> {}, false);
    workers.join(request.millis);

    long published = publisher.published();
    for (long back = 0; back < Math.min(published, ring.getBufferSize()); ++back) {
      long value = ring.get(ring.getCursor() - back).value;
      Check.that(
          value == published - back,
          "the ring holds " + Numbers.text(value) + " in place of " + (published - back));
    }
    double nanos = publisher.finishedAt() - publisher.startedAt();
    return Map.of("ns_per_publish", nanos / published);
  }
}
