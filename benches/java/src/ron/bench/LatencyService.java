// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import java.util.List;
import java.util.Map;

/** One thread fills the ring, then drains it one by one; the draining is timed. */
final class LatencyService implements Workload {
  @Override
  public String name() {
    return "latency_service";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(Parameter.capacity(1024));
  }

  @Override
  public String obstacle(Request request) {
    return null;
  }

  @Override
  public Map<String, Number> run(Request request, Workers workers) throws InterruptedException {
    var drained = new Drained(request);
    workers.start(drained::repeat);
    workers.join(request.millis);
    return Map.of("ns_per_receive", (double) drained.nanos / drained.received);
  }

  private static final class Drained {
    private final RingBuffer<LongEvent> ring;
    private final EventPoller<LongEvent> poller;
    private final EventPoller.Handler<LongEvent> handler = this::take;
    private final long millis;
    private long received;
    private long nanos;
    private String fault;

    Drained(Request request) {
      ring = Rings.longs(request, 1);
      poller = ring.newPoller();
      ring.addGatingSequences(poller.getSequence());
      millis = request.millis;
    }

    void repeat() throws Exception {
      long published = 0;
      long deadline = System.nanoTime() + millis * 1_000_000;
      do {
        for (int i = 0; i < ring.getBufferSize(); ++i) Rings.publish(ring, ++published);
        long start = System.nanoTime();
        drain(published);
        nanos += System.nanoTime() - start;
        Check.that(received == published, "received " + received + " of " + published);
        Check.that(fault == null, fault);
      } while (System.nanoTime() < deadline);
    }

    private void drain(long published) throws Exception {
      while (received < published && poller.poll(handler) == EventPoller.PollState.PROCESSING) {
        // Each poll takes one.
      }
    }

    /** Takes a message and ends the poll. */
    private boolean take(LongEvent event, long sequence, boolean endOfBatch) {
      if (event.value != ++received && fault == null) {
        fault = "received " + Numbers.text(event.value) + " where " + received + " was due";
      }
      return false;
    }
  }
}
