// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** The threads of one run, pinned in the order in which they are started, if at all. */
final class Workers {
  /** Far more than anything takes. */
  private static final long PATIENCE_MILLIS = 10_000;

  /** What a worker does. */
  interface Task {
    void run() throws Exception;
  }

  private final IntConsumer pin;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  Workers(IntConsumer pin) {
    this.pin = pin;
  }

  void start(Task task) {
    int index = threads.size();
    Thread thread =
        new Thread(
            () -> {
              try {
                pin.accept(index);
                task.run();
              } catch (Throwable thrown) {
                failure.compareAndSet(null, thrown);
              }
            },
            "worker-" + index);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** Waits for all workers to end; throws what one of them threw. */
  void join(long millis) throws InterruptedException {
    long deadline = System.nanoTime() + (millis + PATIENCE_MILLIS) * 1_000_000;
    for (Thread thread : threads) {
      thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
      Check.that(failure.get() == null, String.valueOf(failure.get()));
      Check.that(!thread.isAlive(), thread.getName() + " did not come to an end");
    }
  }
}
