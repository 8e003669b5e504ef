// Draws a number that changes over time as a step chart in SVG.

/** A value, and the time at which it began. */
export interface Count {
  /** Milliseconds. */
  readonly time: number;
  readonly count: number;
}

const WIDTH = 720, HEIGHT = 240, LEFT = 40, TOP = 36, BOTTOM = 32;

/** Draws the counts as SVG, with a line at the limit. */
export function drawSteps(title: string, counts: readonly Count[], limit: number): string {
  const end = Math.max(1, counts.at(-1)?.time ?? 1);
  const most = Math.max(limit, ...counts.map(({ count }) => count)) + 1;
  const x = (time: number) => round(LEFT + (WIDTH - LEFT - 16) * time / end);
  const y = (count: number) => round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / most);
  const steps = counts.map(({ time, count }) => `H${x(time)}V${y(count)}`).join("");
  const marks = Array.from(
    { length: most },
    (_, count) => `<text x="${LEFT - 8}" y="${y(count) + 4}" text-anchor="end">${count}</text>`,
  ).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT}" y="20" font-size="14">${title}</text>
<path d="M${LEFT} ${y(0)}${steps}H${x(end)}V${y(0)}Z" fill="#9ec5f8" stroke="#1c5fb8"/>
<path d="M${LEFT} ${y(limit)}H${WIDTH - 16}" stroke="#c22" stroke-dasharray="6 4"/>
${marks}
<text x="${WIDTH - 16}" y="${HEIGHT - 10}" text-anchor="end">${Math.round(end)} ms</text>
</svg>
`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
