// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.RingBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Batch event processors, each of which sees every message and is waited for by the publishers. */
final class Subscribers<R extends Receiver> {
  private static final long PATIENCE_MILLIS = 10_000;

  final List<R> receivers = new ArrayList<>();
  private final List<BatchEventProcessor<LongEvent>> processors = new ArrayList<>();
  private final RingBuffer<LongEvent> ring;

  Subscribers(RingBuffer<LongEvent> ring, int count, Supplier<R> receiver) {
    this.ring = ring;
    for (int i = 0; i < count; ++i) {
      R handler = receiver.get();
      var processor = new BatchEventProcessor<>(ring, ring.newBarrier(), handler);
      processor.setExceptionHandler(handler);
      ring.addGatingSequences(processor.getSequence());
      receivers.add(handler);
      processors.add(processor);
    }
  }

  void start(Workers workers) {
    processors.forEach(processor -> workers.start(processor::run));
  }

  void awaitStart() throws InterruptedException {
    for (R receiver : receivers) receiver.started.await();
  }

  /** Waits until each has received the last message, and ends their threads. */
  void finish(long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis + PATIENCE_MILLIS);
    boolean ended = true;
    for (R receiver : receivers) {
      ended &= receiver.finished.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
    for (BatchEventProcessor<LongEvent> processor : processors) {
      processor.halt();
      // Lets publishers go that still wait for a subscriber which went wrong.
      ring.removeGatingSequence(processor.getSequence());
    }
    receivers.forEach(Receiver::check);
    Check.that(ended, "a subscriber did not receive the last message");
  }

  long received() {
    return receivers.stream().mapToLong(Receiver::received).sum();
  }

  /** When the last was done. */
  long finishedAt() {
    return receivers.stream().mapToLong(Receiver::finishedAt).max().orElse(Long.MIN_VALUE);
  }
}
