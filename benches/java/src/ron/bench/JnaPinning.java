// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.BitSet;
import java.util.function.IntConsumer;

/** Pins by `sched_setaffinity`; built only where the JNA library is there. */
final class JnaPinning implements IntConsumer {
  /** As many as the C library's own `cpu_set_t` has. */
  private static final int MASK_BYTES = 128;

  private static final int CALLING_THREAD = 0;

  /** The functions of the C library that are called. */
  private interface C extends Library {
    int sched_setaffinity(int thread, long bytes, byte[] mask);

    int sched_getaffinity(int thread, long bytes, byte[] mask);
  }

  private final C c = Native.load("c", C.class);
  /** The processors that this process may use. */
  private final int[] processors;

  JnaPinning() {
    byte[] mask = new byte[MASK_BYTES];
    Check.that(
        c.sched_getaffinity(CALLING_THREAD, MASK_BYTES, mask) == 0, "sched_getaffinity failed");
    processors = BitSet.valueOf(mask).stream().toArray();
  }

  @Override
  public void accept(int worker) {
    byte[] mask = new byte[MASK_BYTES];
    int processor = processors[worker % processors.length];
    mask[processor / 8] = (byte) (1 << processor % 8);
    Check.that(
        c.sched_setaffinity(CALLING_THREAD, MASK_BYTES, mask) == 0,
        "cannot pin to processor " + processor);
  }
}
