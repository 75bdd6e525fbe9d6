// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.function.IntConsumer;

/** Pins the calling thread to the processor of a worker. */
final class Pinning {
  /** Null where the JNA library is missing. */
  static IntConsumer orNull() {
    try {
      return (IntConsumer)
          Class.forName("ron.bench.JnaPinning").getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError missing) {
      return null;
    }
  }

  private Pinning() {}
}
