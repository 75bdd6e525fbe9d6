// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.RingBuffer;
import java.util.Arrays;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that publish numbers as fast as they can for a while. */
final class Publishers {
  /** How many messages are published between two looks at the clock. */
  private static final int STRETCH = 1024;

  private final RingBuffer<LongEvent> ring;
  private final int batch;
  private final long nanos;
  private final CyclicBarrier ready;
  private final AtomicInteger active;
  private final long[] published;
  private final long[] startedAt;
  private final long[] finishedAt;

  Publishers(RingBuffer<LongEvent> ring, int count, int batch, long millis) {
    this.ring = ring;
    this.batch = batch;
    this.nanos = millis * 1_000_000;
    ready = new CyclicBarrier(count);
    active = new AtomicInteger(count);
    published = new long[count];
    startedAt = new long[count];
    finishedAt = new long[count];
  }

  /** Publishes for as long as asked; whoever is last publishes `Receiver.END`, if wanted. */
  void start(Workers workers, Workers.Task beforeReady, boolean withEnd) {
    for (int i = 0; i < published.length; ++i) {
      int owner = i;
      workers.start(
          () -> {
            beforeReady.run();
            ready.await();
            publish(owner);
            if (active.decrementAndGet() == 0 && withEnd) Rings.publish(ring, Receiver.END);
          });
    }
  }

  private void publish(int owner) {
    long start = System.nanoTime();
    long number = Numbers.before(owner);
    do {
      number = batch == 1 ? oneByOne(number) : inBatches(number);
    } while (System.nanoTime() - start < nanos);
    finishedAt[owner] = System.nanoTime();
    startedAt[owner] = start;
    published[owner] = number - Numbers.before(owner);
  }

  private long oneByOne(long number) {
    for (int i = 0; i < STRETCH; ++i) Rings.publish(ring, ++number);
    return number;
  }

  private long inBatches(long number) {
    for (int i = 0; i < STRETCH; i += batch) {
      long high = ring.next(batch);
      long low = high - (batch - 1);
      for (long sequence = low; sequence <= high; ++sequence) ring.get(sequence).value = ++number;
      ring.publish(low, high);
    }
    return number;
  }

  long published(int owner) {
    return published[owner];
  }

  long published() {
    return Arrays.stream(published).sum();
  }

  long startedAt() {
    return Arrays.stream(startedAt).min().getAsLong();
  }

  long finishedAt() {
    return Arrays.stream(finishedAt).max().getAsLong();
  }
}
