// SPDX-License-Identifier: MIT OR Apache-2.0
// The table of subscribers. Rows stay where they are unless a column is chosen to sort by.

import { exact, short } from "./numbers.js";

/// State of a subscriber -> mark and word.
const kStates = { "in-time": ["✓", "in time"], lagging: ["✗", "lagging"], gone: ["–", "gone"] };
const kRank = { lagging: 0, "in-time": 1, gone: 2 };
const kText = { loss: short };

const by_name = (a, b) => a.name.localeCompare(b.name, "en", { numeric: true });

export class SubscriberTable {
  #table;
  #rows = new Map();
  #key = "name";
  #sign = 1;
  #shown = [];
  #capacity = 0;

  constructor(table) {
    this.#table = table;
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => this.#sort_by(head));
      head.append(button);
    }
  }

  show(subscribers, capacity) {
    this.#shown = [...subscribers.values()];
    this.#capacity = capacity;
    this.#draw();
  }

  #sort_by(head) {
    const key = head.dataset.key;
    // Of numbers the largest are of interest first.
    this.#sign = key === this.#key ? -this.#sign : head.classList.contains("number") ? -1 : 1;
    this.#key = key;
    for (const each of this.#table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", this.#sign > 0 ? "ascending" : "descending");
    this.#draw();
  }

  #compared(a, b) {
    if (this.#key === "name") return this.#sign * by_name(a, b);
    const value = (of) => (this.#key === "state" ? kRank[of.state] : of[this.#key] ?? -1);
    return this.#sign * (value(a) - value(b)) || by_name(a, b);
  }

  #draw() {
    const rows = this.#shown.sort((a, b) => this.#compared(a, b)).map((each) => this.#row(each));
    const body = this.#table.tBodies[0];
    // Rows that stay in place are not touched, lest the focus or a selection is lost.
    rows.forEach((row, i) => {
      if (body.rows[i] !== row) body.insertBefore(row, body.rows[i] ?? null);
    });
    while (body.rows.length > rows.length) body.lastElementChild.remove();
    const names = new Set(this.#shown.map(({ name }) => name));
    for (const name of this.#rows.keys()) {
      if (!names.has(name)) this.#rows.delete(name);
    }
  }

  #row(subscriber) {
    const row = this.#rows.get(subscriber.name) ?? this.#new_row(subscriber.name);
    row.className = subscriber.state;
    const share = Math.min(1, (subscriber.behind ?? 0) / this.#capacity) || 0;
    for (const cell of row.cells) {
      const key = cell.dataset.key;
      if (key === "name") continue;
      if (key === "state") {
        const [mark, word] = kStates[subscriber.state];
        const pill = cell.firstElementChild;
        pill.dataset.state = subscriber.state;
        pill.firstElementChild.textContent = mark;
        pill.lastElementChild.textContent = word;
        continue;
      }
      const value = subscriber[key];
      cell.textContent = (kText[key] ?? exact)(value);
      cell.dataset.value = value ?? "";
      if (key === "behind") cell.style.setProperty("--share", share.toFixed(3));
    }
    return row;
  }

  #new_row(name) {
    const row = document.createElement("tr");
    for (const head of this.#table.tHead.rows[0].cells) {
      const key = head.dataset.key;
      const cell = document.createElement(key === "name" ? "th" : "td");
      cell.dataset.key = key;
      if (head.classList.contains("number")) cell.className = "number";
      if (key === "name") {
        cell.scope = "row";
        cell.textContent = name;
      }
      if (key === "state") {
        const pill = document.createElement("span");
        const mark = document.createElement("span");
        pill.className = "pill";
        mark.setAttribute("aria-hidden", "true");
        pill.append(mark, document.createElement("span"));
        cell.append(pill);
      }
      row.append(cell);
    }
    row.dataset.subscriber = name;
    this.#rows.set(name, row);
    return row;
  }
}
