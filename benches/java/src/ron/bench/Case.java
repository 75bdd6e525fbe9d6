// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;

/**
 * A workload with its parameters on one system, in classes of its own.
 *
 * <p>The virtual machine optimizes a call by the targets it has seen. Were the Disruptor's classes
 * shared, a ring would pay for the strategies and handlers of the cases before it, which it does
 * not where a program uses one. So every case loads them anew, as if it were alone.
 */
final class Case {
  /** How long the compiler needs until nothing changes any more, and in what pieces. */
  private static final long WARM_UP_MILLIS = 1000;
  private static final long PASS_MILLIS = 100;
  /** Before every timed run: caches and processors wake up. */
  private static final long BRIEF_MILLIS = 10;
  /** A short run is a try, not a measurement, and gets a warm-up that is not much longer. */
  private static final long WARM_UPS_PER_RUN = 20;

  private final BiFunction<Map<String, String>, IntConsumer, Map<String, Number>> bench;
  private long warmNanos;

  @SuppressWarnings("unchecked")
  Case() {
    try {
      URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
      Class<?> type = loader.loadClass("ron.bench.Bench");
      bench =
          (BiFunction<Map<String, String>, IntConsumer, Map<String, Number>>)
              type.getConstructor().newInstance();
    } catch (ReflectiveOperationException | MalformedURLException broken) {
      throw new IllegalStateException(broken);
    }
  }

  Map<String, Number> run(Request request, IntConsumer pin) {
    long wanted = Math.min(WARM_UP_MILLIS, WARM_UPS_PER_RUN * request.millis) * 1_000_000;
    while (warmNanos < wanted) {
      boolean hurried = warmNanos < wanted / 2;
      long start = System.nanoTime();
      bench.apply(request.words(Math.min(PASS_MILLIS, request.millis), hurried), pin);
      warmNanos += System.nanoTime() - start;
    }
    bench.apply(request.words(Math.min(BRIEF_MILLIS, request.millis), false), pin);
    // As the Disruptor's own performance tests do, so that no collection falls into the timed part.
    System.gc();
    return bench.apply(request.words(request.millis, false), pin);
  }

  private static URL[] classPath() throws MalformedURLException {
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator);
    URL[] urls = new URL[entries.length];
    for (int i = 0; i < entries.length; ++i) urls[i] = new File(entries[i]).toURI().toURL();
    return urls;
  }
}
