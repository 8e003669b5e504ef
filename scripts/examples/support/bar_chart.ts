// Draws times as bars in a terminal.

import { inSeconds } from "./run_example.ts";

/** One bar. */
export interface Bar {
  label: string;
  /** Milliseconds in all, and how many of them went by before the work began. */
  time: number;
  start: number;
  /** What is written behind the time. */
  note: string;
}

/** The length of the longest bar. */
const WIDTH = 40;

/** Draws a bar for each time; the part that went by before the work began is lighter. `write` writes a time. */
export function barChart(bars: readonly Bar[], write: (time: number) => string = inSeconds): string {
  const longest = Math.max(...bars.map(({ time }) => time));
  const label = Math.max(...bars.map((bar) => bar.label.length));
  return bars.map((bar) => {
    const length = Math.max(1, Math.round(WIDTH * bar.time / longest));
    const light = Math.min(length, Math.round(WIDTH * bar.start / longest));
    const picture = "░".repeat(light) + "█".repeat(length - light);
    return `${bar.label.padEnd(label)}  ${picture} ${write(bar.time)}${bar.note}`;
  }).join("\n");
}
