// SPDX-License-Identifier: MIT OR Apache-2.0
// Prometheus' text format, and what it says of buses.

const kSample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/;
const kLabel = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const kEscaped = { n: "\n", "\\": "\\", '"': '"' };

function number_of(text) {
  if (text === "+Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return Number(text);
}

/// [{name, labels, value}] of a scrape; lines that are no samples are passed over.
export function samples_in(text) {
  const samples = [];
  for (const line of text.split("\n")) {
    const parts = line.startsWith("#") ? null : kSample.exec(line);
    if (!parts) continue;
    const labels = {};
    for (const [, name, value] of (parts[2] ?? "").matchAll(kLabel)) {
      labels[name] = value.replace(/\\(.)/g, (whole, letter) => kEscaped[letter] ?? whole);
    }
    samples.push({ name: parts[1], labels, value: number_of(parts[3]) });
  }
  return samples;
}

const kOfBus = {
  ron_bus_publish_total: "published",
  ron_bus_publish_refused_total: "refused",
  ron_bus_publish_unheard_total: "unheard",
  ron_bus_ring_depth: "depth",
  ron_bus_capacity: "capacity",
  ron_bus_closed: "closed",
  ron_bus_publishers: "publishers",
  ron_bus_subscribers: "subscriber_count",
};
const kOfSubscriber = {
  ron_bus_receive_total: "received",
  ron_bus_filtered_total: "filtered",
  ron_bus_drop_lagged_total: "missed",
  ron_bus_lag_episodes_total: "episodes",
  ron_bus_subscriber_behind: "behind",
  ron_bus_subscriber_behind_max: "worst",
  ron_bus_subscriber_lagging: "lagging",
};
const kBuckets = {
  ron_bus_publish_ns_bucket: "publish_ns",
  ron_bus_end_to_end_latency_ns_bucket: "end_to_end_ns",
};

/// {buses, build}. A bus has the values named above, its `subscribers` by name with theirs, and the
/// buckets of its histograms as [{bound, count}] by rising bounds, counts cumulative.
export function reading_of(text) {
  const buses = new Map();
  let build = null;
  for (const { name, labels, value } of samples_in(text)) {
    if (name === "ron_bus_build_info") build = labels;
    if (!name.startsWith("ron_bus_") || labels.bus === undefined) continue;
    if (!buses.has(labels.bus)) {
      buses.set(labels.bus, { name: labels.bus, mode: labels.mode, subscribers: new Map(), buckets: {} });
    }
    const bus = buses.get(labels.bus);
    if (name in kOfBus) {
      bus[kOfBus[name]] = value;
    } else if (name in kOfSubscriber) {
      const known = bus.subscribers.get(labels.subscriber) ?? { name: labels.subscriber };
      known[kOfSubscriber[name]] = value;
      bus.subscribers.set(labels.subscriber, known);
    } else if (name in kBuckets) {
      (bus.buckets[kBuckets[name]] ??= []).push({ bound: number_of(labels.le), count: value });
    }
  }
  for (const bus of buses.values()) {
    for (const buckets of Object.values(bus.buckets)) buckets.sort((a, b) => a.bound - b.bound);
  }
  return { buses, build };
}
