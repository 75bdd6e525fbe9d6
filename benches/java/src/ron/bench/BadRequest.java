// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/** A request that cannot be read; the message names the word. */
final class BadRequest extends RuntimeException {
  private static final long serialVersionUID = 1;

  BadRequest(String message) {
    super(message);
  }
}
