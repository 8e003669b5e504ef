// Draws the charts of the report as inline SVG. Colours are classes: the style sheet decides on light and dark.

/** The owner of a bar, which has the same colour in every chart. */
export type Tone = "thread" | "process" | "peer" | "raw" | "python" | "deno" | "bun" | "node" | "node22";

export interface Bar {
  readonly label: string;
  readonly tone: Tone;
  /** `undefined` if there is nothing to draw; then the text gives the reason. */
  readonly value: number | undefined;
  readonly text: string;
  readonly strong?: boolean;
}

const WIDTH = 352;
const LABEL = 108;
const VALUE = 82;
const ROW = 26;
const BAR = 16;
const TRACK = WIDTH - LABEL - VALUE;

/** Draws horizontal bars, one per row. Values beyond `cap` are cut and marked. */
export function barChart(title: string, bars: readonly Bar[], cap: number = Infinity): string {
  const values = bars.flatMap(({ value }) => value === undefined ? [] : [Math.min(value, cap)]);
  const most = Math.max(...values, Number.MIN_VALUE);
  const rows = bars.map((bar, i) => drawRow(bar, i * ROW, most, cap));
  return svg(title, bars.length * ROW, rows.join(""));
}

function drawRow({ label, tone, value, text, strong }: Bar, y: number, most: number, cap: number): string {
  const middle = y + ROW / 2;
  const weight = strong ? " strong" : "";
  const name = `<text class="label${weight}" x="${LABEL - 10}" y="${middle}" text-anchor="end">${escape(label)}</text>`;
  if (value === undefined) {
    return `${name}<line class="nothing" x1="${LABEL}" x2="${LABEL + TRACK}" y1="${middle}" y2="${middle}"/>` +
      `<text class="value trouble" x="${LABEL + TRACK + 8}" y="${middle}">${escape(text)}</text>`;
  }
  const width = Math.max(2, TRACK * Math.min(value, cap) / most);
  const cut = value > cap ? cutMark(LABEL + width - 22, middle) : "";
  return `${name}<rect class="bar ${tone}" x="${LABEL}" y="${middle - BAR / 2}" width="${
    round(width)
  }" height="${BAR}" rx="3"/>` +
    `${cut}<text class="value${weight}" x="${round(LABEL + width + 8)}" y="${middle}">${escape(text)}</text>`;
}

/** Draws groups of bars on one scale, each under its heading. */
export function groupedChart(title: string, groups: readonly { heading: string; bars: readonly Bar[] }[]): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value ?? 0));
  const most = Math.max(...values, Number.MIN_VALUE);
  const rows: string[] = [];
  let y = 0;
  for (const { heading, bars } of groups) {
    rows.push(`<text class="heading" x="0" y="${y + 10}">${escape(heading)}</text>`);
    y += 22;
    rows.push(...bars.map((bar, i) => drawRow(bar, y + i * ROW, most, Infinity)));
    y += bars.length * ROW + 12;
  }
  return svg(title, y - 12, rows.join(""));
}

/** Draws two slanting lines across a bar that was cut. */
function cutMark(x: number, middle: number): string {
  const top = middle - BAR / 2 - 2;
  const bottom = middle + BAR / 2 + 2;
  return [0, 6].map((shift) => `<path class="cut" d="M${round(x + shift)} ${bottom} l6 ${top - bottom}"/>`).join("");
}

/** Two ways to do the same work, row by row; each row has its own scale because each may have its own unit. */
export interface Pair {
  readonly label: string;
  readonly bars: readonly [Bar, Bar];
}

export function pairChart(title: string, pairs: readonly Pair[]): string {
  const height = 68;
  const rows = pairs.map(({ label, bars }, i) => {
    const most = Math.max(...bars.map(({ value }) => value ?? 0), Number.MIN_VALUE);
    const heading = `<text class="heading" x="0" y="${i * height + 10}">${escape(label)}</text>`;
    return heading + bars.map((bar, j) => drawPairRow(bar, i * height + 20 + j * 20, most)).join("");
  });
  return svg(title, pairs.length * height, rows.join(""));
}

function drawPairRow({ label, tone, value = 0, text, strong }: Bar, y: number, most: number): string {
  const left = 80;
  const width = Math.max(2, (WIDTH - left - VALUE) * value / most);
  const weight = strong ? " strong" : "";
  return `<text class="label${weight}" x="${left - 10}" y="${y + 8}" text-anchor="end">${escape(label)}</text>` +
    `<rect class="bar ${tone}${strong === false ? " lost" : ""}" x="${left}" y="${y}" width="${
      round(width)
    }" height="${BAR}" rx="3"/>` +
    `<text class="value${weight}" x="${round(left + width + 8)}" y="${y + 8}">${escape(text)}</text>`;
}

export interface Line {
  readonly tone: Tone;
  readonly points: readonly { x: number; y: number }[];
}

export interface Mark {
  readonly tone: Tone;
  readonly x: number;
}

/** Draws lines over two logarithmic axes, with a rule where y is 1 and dots where a line crosses it. */
export function lineChart(
  title: string,
  lines: readonly Line[],
  marks: readonly Mark[],
  sayX: (x: number) => string,
  sayY: (y: number) => string,
): string {
  const [left, right, top, bottom] = [44, WIDTH - 24, 10, 190];
  const all = lines.flatMap(({ points }) => points);
  const xs = powers(all.map(({ x }) => x));
  const most = Math.max(...all.map(({ y }) => y));
  const ys = [...powers(all.map(({ y }) => Math.min(y, 0.9)).concat(1)), 2 ** Math.ceil(Math.log2(Math.max(2, most)))];
  const at = (value: number, ticks: readonly number[], from: number, to: number): number => {
    const [low, high] = [Math.log(ticks[0]!), Math.log(ticks.at(-1)!)];
    return round(from + (to - from) * (Math.log(value) - low) / (high - low));
  };
  const x = (value: number): number => at(value, xs, left, right);
  const y = (value: number): number => at(value, ys, bottom, top);
  const grid = [
    ...ys.map((tick) =>
      `<line class="${tick === 1 ? "rule" : "grid"}" x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text class="tick" x="${left - 8}" y="${y(tick)}" text-anchor="end">${escape(sayY(tick))}</text>`
    ),
    ...xs.map((tick) =>
      `<text class="tick" x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${escape(sayX(tick))}</text>`
    ),
  ];
  const drawn = lines.map(({ tone, points }) => {
    const path = points.map((point, i) => `${i === 0 ? "M" : "L"}${x(point.x)} ${y(point.y)}`).join(" ");
    const dots = points.map((point) => `<circle class="dot ${tone}" cx="${x(point.x)}" cy="${y(point.y)}" r="3"/>`);
    return `<path class="line ${tone}" d="${path}"/>${dots.join("")}`;
  });
  const crossings = marks.map((mark) => `<circle class="mark ${mark.tone}" cx="${x(mark.x)}" cy="${y(1)}" r="6"/>`);
  return svg(title, 222, [...grid, ...drawn, ...crossings].join(""));
}

/** Returns the powers of ten that enclose the values. */
function powers(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.ceil(Math.log10(Math.max(...values)) - 1e-9);
  return Array.from({ length: Math.max(high, low + 1) - low + 1 }, (_, i) => Number((10 ** (low + i)).toPrecision(1)));
}

function svg(title: string, height: number, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${
    escape(title)
  }">` +
    `${content}</svg>`;
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
