// Draws times as a bar chart for a terminal.

import { inSeconds } from "./run_example.ts";

/** One bar. */
export interface Bar {
  label: string;
  /** The total and its start-up part, in milliseconds. */
  time: number;
  start: number;
  /** Text after the time. */
  note: string;
}

/** The length of the longest bar, in characters. */
const WIDTH = 40;

/** Draws a bar for each time, with its start-up part in a lighter shade. `write` formats a time. */
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
