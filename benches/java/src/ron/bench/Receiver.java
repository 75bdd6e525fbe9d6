// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.LifecycleAware;
import java.util.concurrent.CountDownLatch;

/** A subscriber's handler. A wrong message is noted and reported after the run. */
abstract class Receiver
    implements EventHandler<LongEvent>, LifecycleAware, ExceptionHandler<LongEvent> {
  /** The last message of a run, of which no publisher's number is one. */
  static final long END = 0;

  final CountDownLatch started = new CountDownLatch(1);
  final CountDownLatch finished = new CountDownLatch(1);
  private long finishedAt;
  private String fault;

  /** How many messages came, without the last. */
  abstract long received();

  final void finish() {
    finishedAt = System.nanoTime();
    finished.countDown();
  }

  final void note(String fault) {
    if (this.fault == null) this.fault = fault;
  }

  final void check() {
    Check.that(fault == null, fault);
  }

  final long finishedAt() {
    return finishedAt;
  }

  @Override
  public final void onStart() {
    started.countDown();
  }

  @Override
  public final void onShutdown() {}

  @Override
  public final void handleEventException(Throwable thrown, long sequence, LongEvent event) {
    note(thrown.toString());
  }

  @Override
  public final void handleOnStartException(Throwable thrown) {
    note(thrown.toString());
  }

  @Override
  public final void handleOnShutdownException(Throwable thrown) {
    note(thrown.toString());
  }
}
