// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/** A system that did something else than it should ends the run. */
final class Check {
  static void that(boolean right, String otherwise) {
    if (!right) throw new IllegalStateException(otherwise);
  }

  private Check() {}
}
