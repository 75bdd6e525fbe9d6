// SPDX-License-Identifier: MIT OR Apache-2.0
// Reads the metrics each second and shows them.

import { Chart, span_of } from "./chart.js";
import { reading_of } from "./exposition.js";
import { History, kLatencySpan } from "./history.js";
import { duration, exact, per_second, short } from "./numbers.js";
import { SubscriberTable } from "./table.js";

const kPeriod = 1000;
const kPatience = 3000;
/// Subscribers of which a chart shows lines; the table has all.
const kLines = 6;

const part = (id) => document.getElementById(id);
const clock = () => new Date().toLocaleTimeString("en-GB");

const history = new History();
const table = new SubscriberTable(part("subscribers"));
let chosen = decodeURIComponent(location.hash.slice(1));
let paused = false;
let answered_at = null;

const from_zero = (least) => (low, high) => [0, Math.max(least, (high ?? 0) * 1.08)];
let capacity = 0;
const charts = {
  throughput: new Chart(part("charts"), { id: "throughput", title: "Throughput", unit: "messages per second",
    hint: "Delivered: received by all subscribers together.", text_of: per_second, range: from_zero(1) }),
  loss: new Chart(part("charts"), { id: "loss", title: "Loss by subscriber", unit: "messages per second",
    hint: `Those ${kLines} that lost most lately.`, text_of: per_second, range: from_zero(1) }),
  behind: new Chart(part("charts"), { id: "behind", title: "How far behind", unit: "messages",
    hint: `Those ${kLines} that are furthest behind. What is above the capacity is lost already; beyond twice the capacity lines leave the chart.`,
    text_of: short, value_text: exact,
    range: (low, high) => [0, Math.min(2 * capacity, Math.max(1.1 * capacity, (high ?? 0) * 1.05))] }),
  end_to_end_ns: latency_chart("end-to-end", "From publish to receive"),
  publish_ns: latency_chart("publish", "Duration of a publish"),
};

function power_of_ten(value, round) { return 10 ** round(Math.log10(value)); }

function latency_chart(id, title) {
  return new Chart(part("charts"), { id, title, unit: "percentiles",
    hint: `Of messages sampled in the last ${kLatencySpan} s, interpolated between powers of two.`,
    text_of: duration, logarithmic: true,
    range: (low, high) => (low > 0 ? [power_of_ten(low, Math.floor), power_of_ten(high * 1.01, Math.ceil)] : [10, 1e6]) });
}

function set_text(element, text) {
  // Writing the same again would make screen readers read it again.
  if (element.textContent !== text) element.textContent = text;
}

function notice(id, text) {
  set_text(part(id), text);
  part(id).hidden = text === "";
}

const kMarks = { connecting: "…", live: "●", lost: "✗", paused: "‖" };
function show_link(state) {
  const link = part("link");
  link.dataset.state = state;
  set_text(link.querySelector(".mark"), kMarks[state]);
  set_text(link.querySelector(".word"), state);
  part("content").classList.toggle("stale", state !== "live");
}

function show_facts(frame) {
  const { bus } = frame;
  const sum = (key) => [...frame.subscribers.values()].reduce((total, each) => total + (each[key] ?? 0), 0);
  const facts = {
    published: ["published", exact(bus.published), bus.published],
    delivered: ["delivered", exact(sum("received")), sum("received")],
    missed: ["missed", exact(sum("missed")), sum("missed")],
    filtered: ["filtered", exact(sum("filtered")), sum("filtered")],
    unheard: ["heard by nobody", exact(bus.unheard), bus.unheard],
    refused: ["refused", exact(bus.refused), bus.refused],
    depth: ["ring depth / capacity", `${exact(bus.depth)} / ${exact(bus.capacity)}`, bus.depth],
    publishers: ["publishers", exact(bus.publishers), bus.publishers],
    subscribers: ["subscribers", exact(bus.subscriber_count), bus.subscriber_count],
    mode: ["mode", bus.closed ? `${bus.mode}, closed` : bus.mode, bus.mode],
  };
  const list = part("facts");
  for (const [key, [name, text, value]] of Object.entries(facts)) {
    let item = list.querySelector(`[data-fact="${key}"]`);
    if (!item) {
      item = document.createElement("div");
      item.dataset.fact = key;
      item.append(document.createElement("dt"), document.createElement("dd"));
      item.firstChild.textContent = name;
      list.append(item);
    }
    set_text(item.lastChild, text);
    item.lastChild.dataset.value = value;
  }
}

/// Names of the subscribers with the largest values of a kind, by name, so that lines keep their place.
function foremost(frames, key) {
  const sums = new Map();
  for (const frame of frames) {
    for (const [name, each] of frame.subscribers) sums.set(name, (sums.get(name) ?? 0) + (each[key] ?? 0));
  }
  const names = [...frames.at(-1).subscribers.keys()].sort((a, b) => sums.get(b) - sums.get(a));
  return names.slice(0, kLines).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

function show_charts(frames) {
  const now = frames.at(-1).time;
  const span = span_of(now - frames[0].time);
  const shown = frames.filter((frame) => frame.time >= now - span);
  // Between two runs the lines break.
  const points = shown.flatMap((frame, i) =>
    i > 0 && frame.run !== shown[i - 1].run ? [null, frame] : [frame]);
  const times = points.map((frame, i) => frame?.time ?? points[i + 1].time - 0.001);
  const line = (name, colour, dash, value) =>
    ({ name, colour, dash, values: points.map((frame) => (frame ? value(frame) ?? null : null)) });
  charts.throughput.show(now, span, times, [
    line("published", "ours", 0, (frame) => frame.published),
    line("delivered", "c1", 1, (frame) => frame.delivered),
  ]);
  const by_subscriber = (key) => foremost(shown, key).map((name, i) =>
    line(name, `c${i}`, i % 4, (frame) => frame.subscribers.get(name)?.[key]));
  capacity = frames.at(-1).bus.capacity;
  charts.loss.show(now, span, times, by_subscriber("loss"));
  charts.behind.show(now, span, times,
    [line("capacity", "muted", 2, (frame) => frame.bus.capacity), ...by_subscriber("behind")]);
  for (const key of ["end_to_end_ns", "publish_ns"]) {
    const sampled = shown.some((frame) => frame.latency[key]);
    charts[key].hidden = !sampled;
    if (!sampled) continue;
    charts[key].show(now, span, times, [["P50", "p50"], ["P99", "p99"], ["P99.9", "p999"]].map(([name, share], i) =>
      line(name, ["ours", "c0", "c3"][i], i, (frame) => frame.latency[key]?.[share])));
  }
}

function show_choice(names) {
  const select = part("bus");
  if ([...select.options].map((each) => each.value).join("\n") !== names.join("\n")) {
    select.replaceChildren(...names.map((name) => new Option(name, name)));
  }
  if (!names.includes(chosen)) chosen = names[0];
  select.value = chosen;
  part("choice").hidden = names.length < 2;
}

function show_lagging() {
  const all = [...history.frames.values()].map((frames) => frames.at(-1)).flatMap((frame) =>
    [...frame.subscribers.values()].filter(({ state }) => state === "lagging")
      .map(({ name }) => (frame.bus.name === chosen ? name : `${frame.bus.name}: ${name}`)));
  const more = all.length > 5 ? ` and ${all.length - 5} more` : "";
  part("lagging").classList.toggle("bad", all.length > 0);
  notice("lagging", all.length > 0 ? `✗ Lagging: ${all.slice(0, 5).join(", ")}${more}` : "✓ Nobody lags.");
  document.title = all.length > 0 ? `✗ ${all.length} lagging – ron-bus` : "ron-bus";
}

function show() {
  const names = [...history.frames.keys()];
  part("content").hidden = names.length === 0;
  if (names.length === 0) {
    notice("lagging", "There is no bus in this process now.");
    return;
  }
  show_choice(names);
  show_lagging();
  const frames = history.frames.get(chosen);
  const frame = frames.at(-1);
  show_facts(frame);
  show_charts(frames);
  table.show(frame.subscribers, frame.bus.capacity);
}

async function read() {
  const answer = await fetch("metrics", { cache: "no-store", signal: AbortSignal.timeout(kPatience) });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  return reading_of(await answer.text());
}

function lost() {
  history.interrupt();
  show_link("lost");
  const since = answered_at ? `The last answer came at ${answered_at}; this is what was known then. ` : "";
  notice("outage", `✗ The process does not answer. ${since}Trying again each second.`);
}

async function update() {
  let reading;
  try {
    reading = await read();
  } catch {
    if (!paused) lost();
    return;
  }
  if (paused) return;
  const restarted = history.add(performance.now() / 1000, reading.buses);
  answered_at = clock();
  if (restarted) notice("restart", `The process, or a bus, began anew at ${answered_at}: counts start from zero.`);
  notice("outage", "");
  show_link("live");
  set_text(part("build"), reading.build ? `ron-bus ${reading.build.version}.` : "");
  show();
}

async function run() {
  while (true) {
    const begin = performance.now();
    if (!paused) await update();
    await new Promise((resume) => setTimeout(resume, Math.max(50, kPeriod - (performance.now() - begin))));
  }
}

part("bus").addEventListener("change", ({ target }) => {
  chosen = target.value;
  window.history.replaceState(null, "", `#${encodeURIComponent(chosen)}`);
  show();
});
part("pause").addEventListener("click", ({ target }) => {
  paused = !paused;
  target.setAttribute("aria-pressed", String(paused));
  if (paused) {
    history.interrupt();
    show_link("paused");
  } else {
    show_link("connecting");
  }
});
run();
