// SPDX-License-Identifier: MIT OR Apache-2.0
// Numbers as text.

const kWhole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const kPrefixes = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
const kTimes = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];

const with_three_digits = (value) =>
  String(Number(value >= 100 ? value.toFixed(0) : value.toPrecision(3)));

const scaled = (value, units) => {
  // 999.6 of a unit would be shown as 1000 of it.
  const [size, unit] = units.find(([each]) => value >= each * 0.9995) ?? [1, ""];
  return `${with_three_digits(value / size)}${unit ? ` ${unit}` : ""}`;
};

export const exact = (value) => (value == null ? "–" : kWhole.format(value));
export const short = (value) => (value == null ? "–" : scaled(value, kPrefixes));
export const per_second = (value) => {
  if (value == null) return "–";
  return value >= 999.5 ? `${scaled(value, kPrefixes)}/s` : `${with_three_digits(value)} /s`;
};
export const duration = (nanoseconds) => (nanoseconds == null ? "–" : scaled(nanoseconds, kTimes));
