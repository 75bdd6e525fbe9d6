// SPDX-License-Identifier: MIT OR Apache-2.0
// A card with lines over time and a legend, which shows what is under the pointer, else the newest.
/* global uPlot */

const kSpans = [30, 60, 120];

/// How many seconds a chart shows, of which there is a history so long.
export const span_of = (seconds) => kSpans.find((span) => span >= seconds) ?? kSpans.at(-1);

const kDashes = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
/// Shares of the span at which there are lines; those at its ends have no text.
const kSplits = [1, 2 / 3, 1 / 3, 0];
const kSvg = "http://www.w3.org/2000/svg";
const kHeight = 200;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function made(tag, text = "", properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.textContent = text;
  return element;
}

function sample_of_line(line) {
  const svg = document.createElementNS(kSvg, "svg");
  const path = document.createElementNS(kSvg, "line");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, value] of Object.entries({ x1: 0, x2: 22, y1: 4, y2: 4, "stroke-width": 2.5 })) {
    path.setAttribute(name, value);
  }
  path.setAttribute("stroke-dasharray", kDashes[line.dash].join(" "));
  path.style.stroke = `var(--${line.colour})`;
  svg.append(path);
  return svg;
}

export class Chart {
  #card = made("div", "", { className: "card" });
  #plot_ground = made("div", "", { className: "plot" });
  #legend = made("ul", "", { className: "legend" });
  #title;
  #text_of;
  #value_text;
  #range;
  #logarithmic;
  #lines = [];
  #plot = null;
  #values = [];
  #now = 0;
  #span = 0;

  /// `text_of` makes text of values at the axis, `value_text` in the legend; `range` makes the ends of
  /// the axis, [low, high], of the smallest and the largest value.
  constructor(parent, { id, title, unit, hint, text_of, value_text = text_of, range, logarithmic = false }) {
    this.#title = title;
    this.#text_of = text_of;
    this.#value_text = value_text;
    this.#range = range;
    this.#logarithmic = logarithmic;
    this.#card.id = id;
    const heading = made("h2", title);
    heading.append(" ", made("small", unit));
    this.#plot_ground.setAttribute("role", "img");
    this.#card.append(heading, this.#plot_ground, this.#legend, made("p", hint, { className: "hint" }));
    parent.append(this.#card);
    new ResizeObserver(() => this.#fit()).observe(this.#plot_ground);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#plot?.redraw());
  }

  set hidden(value) { this.#card.hidden = value; }

  /// `lines`: [{name, colour, dash, values}], each with as many values as there are times.
  show(now, span, times, lines) {
    this.#now = now;
    this.#span = span;
    this.#values = [times, ...lines.map((line) => line.values)];
    const same = lines.length === this.#lines.length &&
      lines.every(({ name }, i) => name === this.#lines[i].name);
    this.#lines = lines;
    if (!same || !this.#plot) this.#rebuild();
    this.#plot.setData(this.#values);
    this.#write();
  }

  #rebuild() {
    this.#plot?.destroy();
    this.#legend.replaceChildren(...this.#lines.map((line) => {
      const item = document.createElement("li");
      item.append(sample_of_line(line), made("span", line.name, { title: line.name }), made("b"));
      item.dataset.line = line.name;
      return item;
    }));
    const axis = { stroke: () => colour("muted"), font: "11px system-ui, sans-serif",
      grid: { stroke: () => colour("grid"), width: 1 }, ticks: { show: false } };
    this.#plot = new uPlot({
      width: this.#plot_ground.clientWidth || 300,
      height: kHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [this.#now - this.#span, this.#now] },
        y: { distr: this.#logarithmic ? 3 : 1, range: (_, low, high) => this.#range(low, high) },
      },
      axes: [
        { ...axis, size: 26,
          splits: () => kSplits.map((share) => this.#now - share * this.#span),
          values: (_, splits) => splits.map((at, i) => kSplits[i] % 1 === 0 ? "" : `${Math.round(this.#now - at)} s ago`) },
        { ...axis, size: 62, values: (_, splits) => splits.map((at) => (at == null ? "" : this.#text_of(at))) },
      ],
      series: [{}, ...this.#lines.map((line) => ({
        label: line.name, stroke: () => colour(line.colour), width: 2, dash: kDashes[line.dash],
        points: { show: false },
      }))],
      hooks: { setCursor: [() => this.#write()] },
    }, this.#values, this.#plot_ground);
  }

  #write() {
    const at = this.#plot?.cursor.idx ?? this.#values[0].length - 1;
    const items = this.#legend.children;
    this.#lines.forEach((line, i) => {
      items[i].lastChild.textContent = this.#value_text(line.values[at]);
    });
    this.#plot_ground.setAttribute("aria-label", `${this.#title}: ` + this.#lines.map((line) =>
      `${line.name} ${this.#value_text(line.values.at(-1))}`).join(", "));
  }

  #fit() {
    const width = this.#plot_ground.clientWidth;
    if (this.#plot && width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: kHeight });
  }
}
