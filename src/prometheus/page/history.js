// SPDX-License-Identifier: MIT OR Apache-2.0
// What the last readings say together: rates, latency, and whether the process began anew.

/// Seconds that are kept.
export const kKept = 125;
/// Seconds whose samples a percentile is of.
export const kLatencySpan = 10;

const kCounters = ["published", "refused", "unheard"];
const kSubscriberCounters = ["received", "filtered", "missed", "episodes"];

const sum_of = (subscribers, key) => {
  let sum = 0;
  for (const subscriber of subscribers.values()) sum += subscriber[key] ?? 0;
  return sum;
};

/// Counters never fall while the process lives.
function fell(before, bus) {
  if (kCounters.some((key) => bus[key] < before[key])) return true;
  for (const [name, was] of before.subscribers) {
    const is = bus.subscribers.get(name);
    if (!is || kSubscriberCounters.some((key) => is[key] < was[key])) return true;
  }
  return false;
}

/// The value below which a share of the samples lies, which came between two readings of the
/// buckets; interpolated within its bucket, as Prometheus does; at least 1. Null if there were none.
export function quantile(before, after, share) {
  const counts = after.map(({ count }, i) => count - (before?.[i]?.count ?? 0));
  const total = counts.at(-1);
  if (!(total > 0)) return null;
  const rank = share * total;
  const at = counts.findIndex((count) => count >= rank);
  const lower = at > 0 ? after[at - 1].bound : 0;
  if (after[at].bound === Infinity) return lower;
  const below = at > 0 ? counts[at - 1] : 0;
  return Math.max(1, lower + (after[at].bound - lower) * ((rank - below) / (counts[at] - below)));
}

/// A subscriber lags if it says so, if it lost anything since the last reading, or if what it has
/// not read is partly overwritten already.
function state_of(subscriber, loss, capacity) {
  if (subscriber.behind === undefined) return "gone";
  return subscriber.lagging > 0 || loss > 0 || subscriber.behind > capacity ? "lagging" : "in-time";
}

/// The frames of each bus: {time, run, bus, published, delivered, subscribers, latency}. Rates are per
/// second, and null in the first frame of a run, as a stretch of readings without a gap is called.
export class History {
  frames = new Map();
  #run = 0;

  /// What comes next is not compared with what was before.
  interrupt() { this.#run += 1; }

  /// Whether the process, or a bus of that name, began anew.
  add(time, buses) {
    let restarted = false;
    for (const bus of buses.values()) {
      const last = this.frames.get(bus.name)?.at(-1);
      restarted ||= last !== undefined && fell(last.bus, bus);
    }
    if (restarted) this.interrupt();
    for (const name of this.frames.keys()) {
      if (!buses.has(name)) this.frames.delete(name);
    }
    for (const bus of buses.values()) this.#append(time, bus);
    return restarted;
  }

  #append(time, bus) {
    const frames = this.frames.get(bus.name) ?? [];
    this.frames.set(bus.name, frames);
    while (frames.length > 0 && frames[0].time < time - kKept) frames.shift();
    const last = frames.at(-1);
    const comparable = last?.run === this.#run && time > last.time;
    const rate = (is, was) => (comparable ? (is - (was ?? 0)) / (time - last.time) : null);
    const frame = { time, run: this.#run, bus, subscribers: new Map(), latency: {} };
    frame.published = rate(bus.published, last?.bus.published);
    frame.delivered = rate(sum_of(bus.subscribers, "received"), last && sum_of(last.bus.subscribers, "received"));
    for (const [name, subscriber] of bus.subscribers) {
      const loss = rate(subscriber.missed, last?.bus.subscribers.get(name)?.missed);
      frame.subscribers.set(name, { ...subscriber, loss, state: state_of(subscriber, loss, bus.capacity) });
    }
    const since = frames.find((each) => each.run === this.#run && each.time >= time - kLatencySpan - 0.5);
    for (const [name, buckets] of Object.entries(bus.buckets)) {
      const share = (of) => (since ? quantile(since.bus.buckets[name], buckets, of) : null);
      frame.latency[name] = { p50: share(0.5), p99: share(0.99), p999: share(0.999) };
    }
    frames.push(frame);
  }
}
