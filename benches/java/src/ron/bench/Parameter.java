// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.Arrays;
import java.util.List;

/**
 * What a word `name=value` of a request may say: one of `words`, or a whole number within bounds.
 * Without a fallback it must be given.
 */
record Parameter(String name, String fallback, long least, long most, List<String> words) {
  static Parameter number(String name, long fallback, long least, long most) {
    return new Parameter(name, Long.toString(fallback), least, most, List.of());
  }

  static Parameter number(String name, long least, long most) {
    return new Parameter(name, null, least, most, List.of());
  }

  static Parameter choice(String name, String... words) {
    return new Parameter(name, null, 0, 0, Arrays.asList(words));
  }

  static Parameter capacity(long fallback) {
    return number("capacity", fallback, 1, 1 << 20);
  }

  void check(String value) {
    if (!words.isEmpty()) {
      if (!words.contains(value)) {
        throw new BadRequest(name + "=" + value + ": none of " + String.join(", ", words));
      }
      return;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) return;
    } catch (NumberFormatException notANumber) {
      // Answered as one out of bounds is.
    }
    throw new BadRequest(
        name + "=" + value + ": expected a whole number from " + least + " to " + most);
  }
}
