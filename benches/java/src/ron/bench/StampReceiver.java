// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/** Takes time stamps and keeps how long they were under way. */
final class StampReceiver extends Receiver {
  final Histogram histogram = new Histogram();
  private long last = END;

  @Override
  public void onEvent(LongEvent event, long sequence, boolean endOfBatch) {
    long now = System.nanoTime();
    long stamp = event.value;
    if (stamp == END) {
      finish();
      return;
    }
    if (stamp <= last || now < stamp) {
      note("received stamp " + stamp + " after " + last + " at " + now);
    }
    last = stamp;
    histogram.record(Math.max(0, now - stamp));
  }

  @Override
  long received() {
    return histogram.count();
  }
}
