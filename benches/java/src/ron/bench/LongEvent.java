// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/** A message of one number, allocated once for each place of a ring. */
final class LongEvent {
  long value;
}
