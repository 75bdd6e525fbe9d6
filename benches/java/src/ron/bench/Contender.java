// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A system under test: the Disruptor with one of its wait strategies. */
enum Contender {
  BUSY_SPIN("disruptor-busyspin", "LMAX Disruptor, BusySpinWaitStrategy", BusySpinWaitStrategy::new),
  YIELDING("disruptor-yielding", "LMAX Disruptor, YieldingWaitStrategy", YieldingWaitStrategy::new),
  BLOCKING("disruptor-blocking", "LMAX Disruptor, BlockingWaitStrategy", BlockingWaitStrategy::new);

  final String id;
  final String label;
  private final Supplier<WaitStrategy> strategies;

  Contender(String id, String label, Supplier<WaitStrategy> strategies) {
    this.id = id;
    this.label = label;
    this.strategies = strategies;
  }

  static Contender of(String id) {
    return Arrays.stream(values())
        .filter(contender -> contender.id.equals(id))
        .findAny()
        .orElseThrow(
            () ->
                new BadRequest(
                    "system=" + id + ": none of "
                        + Arrays.stream(values())
                            .map(contender -> contender.id)
                            .collect(Collectors.joining(", "))));
  }

  WaitStrategy waitStrategy() {
    return strategies.get();
  }

  /**
   * Why it cannot serve so many subscribers; null when it can. Busy spinning is documented for
   * fewer event handler threads than processors.
   */
  String obstacle(int subscribers) {
    int processors = Runtime.getRuntime().availableProcessors();
    return this == BUSY_SPIN && subscribers >= processors
        ? "BusySpinWaitStrategy is documented for fewer event handlers (" + subscribers
            + ") than processors (" + processors + ")"
        : null;
  }

  /** The library's version, which its classes do not tell. */
  static String version() {
    return System.getProperty("disruptor.version", "");
  }
}
