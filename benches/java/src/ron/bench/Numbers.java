// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/** How messages are numbered: `owner << 56 | n`, n = 1, 2, ... */
final class Numbers {
  static final int OWNER_SHIFT = 56;
  static final int OWNERS = 1 << (64 - OWNER_SHIFT);

  /** What comes before the first message of an owner. */
  static long before(int owner) {
    return (long) owner << OWNER_SHIFT;
  }

  static int owner(long number) {
    return (int) (number >>> OWNER_SHIFT);
  }

  static String text(long number) {
    return owner(number) + ":" + (number - before(owner(number)));
  }

  private Numbers() {}
}
