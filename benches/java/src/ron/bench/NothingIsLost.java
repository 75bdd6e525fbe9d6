// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/** What the Disruptor answers where messages are lost or left unread. */
final class NothingIsLost {
  static final String REASON =
      "lossy: a Disruptor never overwrites what a subscriber has not read, its publisher waits";

  private NothingIsLost() {}
}
