// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.RingBuffer;
import java.util.List;
import java.util.Map;

/** What a publish costs with more and more publishers; subscribers would have to read. */
final class FanoutScaling implements Workload {
  @Override
  public String name() {
    return "fanout_scaling";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.choice("kind", "idle", "draining", "churn", "publishers"),
        Parameter.number("subscribers", 0, 0, 1024),
        Parameter.number("publishers", 1, 1, 64),
        Parameter.number("churn_hz", 0, 0, 1_000_000),
        Parameter.capacity(1024));
  }

  @Override
  public String obstacle(Request request) {
    return request.word("kind").equals("publishers") && request.number("subscribers") == 0
        ? null
        : NothingIsLost.REASON;
  }

  @Override
  public Map<String, Number> run(Request request, Workers workers) throws InterruptedException {
    int count = request.count("publishers");
    RingBuffer<LongEvent> ring = Rings.longs(request, count);
    var publishers = new Publishers(ring, count, 1, request.millis);
    publishers.start(workers, () -> {}, false);
    workers.join(request.millis);

    long published = publishers.published();
    Check.that(
        ring.getCursor() + 1 == published,
        "published " + published + " messages, the ring counts " + (ring.getCursor() + 1));
    double seconds = (publishers.finishedAt() - publishers.startedAt()) / 1e9;
    return Map.of("publishes_per_s", published / seconds);
  }
}
