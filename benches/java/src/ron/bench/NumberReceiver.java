// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/** Takes numbers that rise by one for each owner. */
final class NumberReceiver extends Receiver {
  /** Keeps what this thread writes off the cache lines of others. */
  private static final int PADDING = 16;

  private final long[] due = new long[PADDING + Numbers.OWNERS + PADDING];

  NumberReceiver() {
    for (int owner = 0; owner < Numbers.OWNERS; ++owner) {
      due[PADDING + owner] = Numbers.before(owner) + 1;
    }
  }

  @Override
  public void onEvent(LongEvent event, long sequence, boolean endOfBatch) {
    long value = event.value;
    int place = PADDING + Numbers.owner(value);
    if (value == due[place]) {
      due[place] = value + 1;
    } else {
      unexpected(value, place);
    }
  }

  private void unexpected(long value, int place) {
    if (value == END) {
      finish();
      return;
    }
    note("received " + Numbers.text(value) + " where " + Numbers.text(due[place]) + " was due");
    due[place] = value + 1;
  }

  long receivedFrom(int owner) {
    return due[PADDING + owner] - 1 - Numbers.before(owner);
  }

  @Override
  long received() {
    long all = 0;
    for (int owner = 0; owner < Numbers.OWNERS; ++owner) all += receivedFrom(owner);
    return all;
  }
}
