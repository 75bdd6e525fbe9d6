// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/**
 * Log-linear histogram of whole numbers: every power of two is divided into 64 buckets of equal
 * width, so that a percentile is at most 1.6 % above the true value. Values below 128 are exact.
 */
final class Histogram {
  private static final int STEP_BITS = 6;
  private static final int STEPS = 1 << STEP_BITS;
  private static final int BUCKETS = (64 - STEP_BITS + 1) * STEPS;

  private final long[] buckets = new long[BUCKETS];
  private long count;
  private long max;

  void record(long value) {
    ++buckets[bucketOf(value)];
    ++count;
    max = Math.max(max, value);
  }

  void add(Histogram other) {
    for (int bucket = 0; bucket < BUCKETS; ++bucket) buckets[bucket] += other.buckets[bucket];
    count += other.count;
    max = Math.max(max, other.max);
  }

  long count() {
    return count;
  }

  long max() {
    return max;
  }

  /** The smallest value, rounded up to its bucket, that `percent` of all values do not exceed. */
  long percentile(double percent) {
    long wanted = Math.max(1, (long) Math.ceil(percent / 100 * count));
    long seen = 0;
    for (int bucket = 0; bucket < BUCKETS; ++bucket) {
      seen += buckets[bucket];
      if (seen >= wanted) return Math.min(highestOf(bucket), max);
    }
    return max;
  }

  private static int bucketOf(long value) {
    int dropped = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - (STEP_BITS + 1));
    return dropped * STEPS + (int) (value >>> dropped);
  }

  private static long highestOf(int bucket) {
    if (bucket < 2 * STEPS) return bucket;
    int dropped = bucket / STEPS - 1;
    long lowest = (long) (bucket - dropped * STEPS) << dropped;
    return lowest + ((1L << dropped) - 1);
  }
}
