// Draws the picture of the README from bench results: our threads and processes on each runtime. Its style sheet follows the
// reader's light or dark mode.

import type { Cell, ThreadVsProcessResults } from "../bench/support/results.ts";
import { duration } from "../bench/support/print.ts";

/** The data of a runtime that the picture shows. */
export interface PictureRuntime {
  readonly label: string;
  readonly results: ThreadVsProcessResults;
}

const WIDTH = 840, LEFT = 16, GAP = 24, TOP = 64, HEADING = 22, ROW = 15, BAR = 11, LABEL = 64, VALUE = 64;
const STYLE = `text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}` +
  `.what{font-weight:600}.paper{fill:#fff}.threads{fill:#2563c9}.processes{fill:#e08a1e}.quiet{fill:#59636e}` +
  `@media(prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.threads{fill:#6ea8fe}.processes{fill:#f0b15c}` +
  `.quiet{fill:#9198a1}}`;

/** Draws a block for each measurement of the bench; bars of a block share one scale, and shorter is better. */
export function drawPicture(runtimes: readonly PictureRuntime[]): string {
  const width = (WIDTH - 2 * LEFT - GAP) / 2;
  const height = HEADING + runtimes.length * 2 * ROW + 14;
  const cells = runtimes[0]?.results.cells ?? [];
  const blocks = cells.map(({ id, what }, i) => {
    const x = LEFT + (i % 2) * (width + GAP);
    const y = TOP + Math.floor(i / 2) * height;
    return `<g transform="translate(${x} ${y})">${drawBlock(id, what, runtimes, width)}</g>`;
  });
  const total = TOP + Math.ceil(cells.length / 2) * height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" role="img">
<title>Threads and processes on each runtime: times, shorter is better</title><style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${total}" rx="8"/>
<text class="title" x="${LEFT}" y="28">Two threads or two processes: time, shorter is better</text>
<rect class="threads" x="${LEFT}" y="38" width="11" height="11" rx="2"/><text x="${LEFT + 17}" y="48">threads</text>
<rect class="processes" x="${LEFT + 84}" y="38" width="11" height="11" rx="2"/>` +
    `<text x="${LEFT + 101}" y="48">processes</text>
<text class="quiet" x="${WIDTH - LEFT}" y="48" text-anchor="end">${runtimes.map(({ label }) => label).join(", ")}</text>
${blocks.join("\n")}
</svg>
`;
}

function drawBlock(id: string, what: string, runtimes: readonly PictureRuntime[], width: number): string {
  const rows = runtimes.map(({ label, results }) => ({ label, cell: results.cells.find((cell) => cell.id === id) }));
  const most = Math.max(...rows.map(({ cell }) => cell === undefined ? 0 : Math.max(cell.threads, cell.processes)));
  const bars = rows.map(({ label, cell }, i) => {
    const y = HEADING + i * 2 * ROW;
    const name = `<text x="0" y="${y + 14}">${label.split(" ")[0]}</text>`;
    return cell === undefined ? name : name + drawBars(cell, y, most, width - LABEL - VALUE);
  });
  return `<text class="what" x="0" y="12">${what}</text>${bars.join("")}`;
}

function drawBars(cell: Cell, y: number, most: number, track: number): string {
  return (["threads", "processes"] as const).map((kind, j) => {
    const length = Math.max(2, Math.round(track * cell[kind] / most));
    const top = y + j * (ROW - 2);
    return `<rect class="${kind}" x="${LABEL}" y="${top}" width="${length}" height="${BAR}" rx="2"/>` +
      `<text x="${LABEL + length + 6}" y="${top + BAR - 1}">${duration(cell[kind])}</text>`;
  }).join("");
}
