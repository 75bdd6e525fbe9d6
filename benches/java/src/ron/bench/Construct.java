// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;

/**
 * What a ring with one subscriber costs to make. Destroying it is the collector's work, which is in
 * the time as often as the collector runs.
 */
final class Construct implements Workload {
  private static final int MESSAGES = 100_000;
  private static final int SMALLEST_OBJECT_BYTES = 16;
  private static final EventHandler<LongEvent> HANDLER = (event, sequence, endOfBatch) -> {};

  @Override
  public String name() {
    return "construct";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(Parameter.capacity(256));
  }

  @Override
  public String obstacle(Request request) {
    return null;
  }

  @Override
  public Map<String, Number> run(Request request, Workers workers) throws InterruptedException {
    var made = new Made(request);
    workers.start(made::run);
    workers.join(request.millis);
    return Map.of(
        "ns_per_construct", made.nanosPerConstruct,
        "bytes_per_bus", made.busBytes,
        "bytes_per_subscriber", made.subscriberBytes,
        "allocations_per_message", made.allocationsPerMessage);
  }

  private static final class Made {
    private final ThreadMXBean memory =
        (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Request request;
    /** Fields, so that the compiler cannot do without the objects. */
    private RingBuffer<LongEvent> ring;
    private BatchEventProcessor<LongEvent> subscriber;

    private double nanosPerConstruct;
    private long busBytes;
    private long subscriberBytes;
    private double allocationsPerMessage;

    Made(Request request) {
      this.request = request;
    }

    void run() throws Exception {
      long count = 0;
      long nanos = request.millis * 1_000_000;
      long start = System.nanoTime();
      long elapsed;
      do {
        makeRing();
        makeSubscriber();
        ++count;
        elapsed = System.nanoTime() - start;
      } while (elapsed < nanos);
      nanosPerConstruct = (double) elapsed / count;

      long before = allocated();
      makeRing();
      busBytes = allocated() - before;
      before = allocated();
      makeSubscriber();
      subscriberBytes = allocated() - before;
      Check.that(
          busBytes > 0 && subscriberBytes > 0, "the virtual machine counted no allocated bytes");

      ring = Rings.longs(request, 1);
      EventPoller<LongEvent> poller = ring.newPoller();
      ring.addGatingSequences(poller.getSequence());
      EventPoller.Handler<LongEvent> handler = (event, sequence, endOfBatch) -> false;
      before = allocated();
      for (int number = 1; number <= MESSAGES; ++number) {
        Rings.publish(ring, number);
        Check.that(
            poller.poll(handler) == EventPoller.PollState.PROCESSING, "a message did not arrive");
      }
      // The virtual machine counts bytes; there cannot have been more objects than this.
      allocationsPerMessage =
          (double) (allocated() - before) / SMALLEST_OBJECT_BYTES / MESSAGES;
    }

    private void makeRing() {
      ring = Rings.longs(request, 1);
    }

    private void makeSubscriber() {
      subscriber = new BatchEventProcessor<>(ring, ring.newBarrier(), HANDLER);
      ring.addGatingSequences(subscriber.getSequence());
    }

    private long allocated() {
      return memory.getCurrentThreadAllocatedBytes();
    }
  }
}
