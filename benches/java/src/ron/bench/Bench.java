// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;

/** What `Case` loads anew: takes the words of a request and how to pin a worker. */
public final class Bench
    implements BiFunction<Map<String, String>, IntConsumer, Map<String, Number>> {
  @Override
  public Map<String, Number> apply(Map<String, String> words, IntConsumer pin) {
    try {
      Request request = Request.from(words);
      return request.workload.run(request, new Workers(pin));
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }
}
