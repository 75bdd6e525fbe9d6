// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.RingBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** A publisher that sends its time stamp at a steady pace, and what its receivers see. */
final class Pacing {
  private final Subscribers<StampReceiver> subscribers;
  private long published;
  private long startedAt;

  /** Runs to the end and checks every message. */
  Pacing(Request request, int receivers, double intervalNanos, Workers workers)
      throws InterruptedException {
    RingBuffer<LongEvent> ring = Rings.longs(request, 1);
    subscribers = new Subscribers<>(ring, receivers, StampReceiver::new);
    workers.start(
        () -> {
          subscribers.awaitStart();
          publish(ring, intervalNanos, request.millis * 1_000_000);
        });
    subscribers.start(workers);
    subscribers.finish(request.millis);
    workers.join(request.millis);
    for (StampReceiver receiver : subscribers.receivers) {
      Check.that(
          receiver.received() == published,
          "received " + receiver.received() + " of " + published + " stamps");
    }
  }

  private void publish(RingBuffer<LongEvent> ring, double interval, long nanos) {
    long count = 0;
    long start = System.nanoTime();
    double due = 0;
    long now = 0;
    do {
      // What is overdue because this thread was not running is left out, not caught up with.
      due = Math.max(due + interval, now);
      do {
        now = System.nanoTime() - start;
      } while (now < due);
      Rings.publish(ring, start + now);
      ++count;
    } while (now < nanos);
    // As if it were one more, so that the receivers have seen all before it.
    while (System.nanoTime() - start < due + interval) {
      Thread.onSpinWait();
    }
    published = count;
    startedAt = start;
    Rings.publish(ring, Receiver.END);
  }

  Histogram histogram() {
    var all = new Histogram();
    subscribers.receivers.forEach(receiver -> all.add(receiver.histogram));
    return all;
  }

  double deliveriesPerSecond() {
    return subscribers.received() / ((subscribers.finishedAt() - startedAt) / 1e9);
  }

  static Map<String, Number> metrics(Histogram histogram) {
    Map<String, Number> metrics = new LinkedHashMap<>();
    metrics.put("p50_ns", histogram.percentile(50));
    metrics.put("p90_ns", histogram.percentile(90));
    metrics.put("p99_ns", histogram.percentile(99));
    metrics.put("p999_ns", histogram.percentile(99.9));
    metrics.put("max_ns", histogram.max());
    metrics.put("count", histogram.count());
    return metrics;
  }
}
