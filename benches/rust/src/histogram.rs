// SPDX-License-Identifier: MIT OR Apache-2.0

const STEP_BITS: u32 = 6;
const STEPS: u64 = 1 << STEP_BITS;
const BUCKETS: usize = ((64 - STEP_BITS + 1) as usize) * STEPS as usize;

/// Log-linear histogram of whole numbers: every power of two is divided into 64 buckets of equal
/// width, so that a percentile is at most 1.6 % above the true value. Values below 128 are exact.
pub struct Histogram {
    buckets: Box<[u64]>,
    count: u64,
    max: u64,
}

impl Histogram {
    pub fn new() -> Self {
        Self { buckets: vec![0; BUCKETS].into_boxed_slice(), count: 0, max: 0 }
    }

    #[inline]
    pub fn record(&mut self, value: u64) {
        self.buckets[bucket_of(value)] += 1;
        self.count += 1;
        self.max = self.max.max(value);
    }

    pub fn add(&mut self, other: &Histogram) {
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets.iter()) {
            *mine += theirs;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    pub fn count(&self) -> u64 {
        self.count
    }
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The smallest value, rounded up to its bucket, that `percent` of all values do not exceed.
    /// 0 if nothing was recorded.
    pub fn percentile(&self, percent: f64) -> u64 {
        let wanted = (percent / 100.0 * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return highest_of(bucket as u64).min(self.max);
            }
        }
        self.max
    }
}

/// How many low bits of a value its bucket leaves out.
fn dropped_bits(value: u64) -> u32 {
    (u64::BITS - value.leading_zeros()).saturating_sub(STEP_BITS + 1)
}

fn bucket_of(value: u64) -> usize {
    let dropped = dropped_bits(value);
    (u64::from(dropped) * STEPS + (value >> dropped)) as usize
}

fn highest_of(bucket: u64) -> u64 {
    if bucket < 2 * STEPS {
        return bucket;
    }
    let dropped = bucket / STEPS - 1;
    ((bucket - dropped * STEPS) << dropped) + ((1 << dropped) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_are_exact() {
        let mut histogram = Histogram::new();
        (0..128).for_each(|value| histogram.record(value));
        assert_eq!(histogram.percentile(50.0), 63);
        assert_eq!(histogram.percentile(100.0), 127);
        assert_eq!(histogram.count(), 128);
    }

    #[test]
    fn a_bucket_ends_at_most_1_6_percent_above_what_is_in_it() {
        for shift in 7..64 {
            for value in [
                1 << shift,
                (1 << shift) + 1,
                (1 << shift) | (1 << (shift - 1)),
                u64::MAX >> (63 - shift),
            ] {
                let highest = highest_of(bucket_of(value) as u64);
                assert!(highest >= value, "{value} is in a bucket that ends at {highest}");
                assert!((highest - value) as f64 <= 0.016 * value as f64, "{value}: {highest}");
            }
        }
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for bucket in 0..BUCKETS - 1 {
            let highest = highest_of(bucket as u64);
            assert_eq!(bucket_of(highest), bucket);
            assert_eq!(bucket_of(highest + 1), bucket + 1);
        }
    }

    #[test]
    fn the_highest_value_is_exact_and_bounds_every_percentile() {
        let mut histogram = Histogram::new();
        [10, 1_000_003, 5].into_iter().for_each(|value| histogram.record(value));
        assert_eq!(histogram.max(), 1_000_003);
        assert_eq!(histogram.percentile(99.9), 1_000_003);
        assert_eq!(histogram.percentile(0.0), 5);
    }

    #[test]
    fn adding_is_recording_all() {
        let (mut one, mut other) = (Histogram::new(), Histogram::new());
        one.record(1);
        other.record(3);
        other.record(1000);
        one.add(&other);
        assert_eq!((one.count(), one.max(), one.percentile(50.0)), (3, 1000, 3));
    }

    #[test]
    fn an_empty_one_has_zeros() {
        let empty = Histogram::new();
        assert_eq!((empty.count(), empty.max(), empty.percentile(99.0)), (0, 0, 0));
    }
}
