// SPDX-License-Identifier: MIT OR Apache-2.0
// The page is complete without this: it adds a choice of light or dark, and tables that sort.
"use strict";

(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const preference = matchMedia("(prefers-color-scheme: dark)");
  const is_dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : preference.matches);
  const name_button = () => { button.textContent = is_dark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => {
    root.dataset.theme = is_dark() ? "light" : "dark";
    name_button();
  });
  preference.addEventListener("change", name_button);
  button.hidden = false;
  name_button();
})();

(() => {
  const value_in = (row, column) => {
    const cell = row.cells[column];
    if (!cell.classList.contains("number")) return cell.textContent;
    return cell.dataset.value === undefined ? NaN : Number(cell.dataset.value);
  };
  // What is missing comes last, in either direction.
  const compared = (a, b, sign) => {
    if (typeof a === "string") return sign * a.localeCompare(b, "en", { numeric: true });
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return sign * (a - b);
  };
  const sort = (table, column) => {
    const heads = [...table.tHead.rows[0].cells];
    const ascending = heads[column].getAttribute("aria-sort") !== "ascending";
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows];
    rows.sort((a, b) => compared(value_in(a, column), value_in(b, column), ascending ? 1 : -1));
    body.append(...rows);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, column));
      head.append(button);
    });
  }
})();

(() => {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
  });
})();
