// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.RingBuffer;
import java.util.List;
import java.util.Map;

/** All publish and receive as fast as they can, and nothing is lost. */
final class Gated implements Workload {
  @Override
  public String name() {
    return "gated";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.number("publishers", 1, 1, 64),
        Parameter.number("subscribers", 1, 1, 1024),
        Parameter.number("batch", 1, 1, 1024),
        Parameter.capacity(1024));
  }

  @Override
  public String obstacle(Request request) {
    long batch = request.number("batch");
    return batch > request.number("capacity")
        ? "batch=" + batch + ": a Disruptor claims at most its buffer size at once"
        : request.contender.obstacle(request.count("subscribers"));
  }

  @Override
  public Map<String, Number> run(Request request, Workers workers) throws InterruptedException {
    int count = request.count("publishers");
    RingBuffer<LongEvent> ring = Rings.longs(request, count);
    var subscribers =
        new Subscribers<>(ring, request.count("subscribers"), NumberReceiver::new);
    var publishers = new Publishers(ring, count, request.count("batch"), request.millis);
    publishers.start(workers, subscribers::awaitStart, true);
    subscribers.start(workers);
    subscribers.finish(request.millis);
    workers.join(request.millis);

    for (NumberReceiver receiver : subscribers.receivers) {
      for (int owner = 0; owner < count; ++owner) {
        Check.that(
            receiver.receivedFrom(owner) == publishers.published(owner),
            "received " + receiver.receivedFrom(owner) + " of " + publishers.published(owner)
                + " messages of publisher " + owner);
      }
    }
    double seconds = (subscribers.finishedAt() - publishers.startedAt()) / 1e9;
    return Map.of(
        "publishes_per_s", publishers.published() / seconds,
        "deliveries_per_s", subscribers.received() / seconds);
  }
}
