// Shows on stderr how far something is: a bar on a terminal, a line now and then elsewhere.

import process from "node:process";

const BAR_WIDTH = 28;
/** Milliseconds between two pictures of the bar, and between two lines. */
const REDRAW = 80, LINE = 5_000;
/** Back to the start of the line, and clear it. */
const CLEAR = "\r\x1b[K";

/** Counts what is done and shows it. */
export class ProgressBar {
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #terminal: boolean = process.stderr.isTTY === true;
  #done = 0;
  #shown: number = performance.now();
  #drawn = false;

  /** Without a total there is no bar, only the count. */
  constructor(label: string, total?: number) {
    this.#label = label;
    this.#total = total;
  }

  /** Says that so many more are done. */
  add(count: number): void {
    this.#done += count;
    const now = performance.now();
    if (now - this.#shown < (this.#terminal ? REDRAW : LINE)) return;
    this.#shown = now;
    this.#drawn = true;
    process.stderr.write(this.#terminal ? CLEAR + this.#picture() : `${this.#label}: ${this.#numbers()}\n`);
  }

  /** Takes the bar off the terminal. */
  end(): void {
    if (this.#terminal && this.#drawn) process.stderr.write(CLEAR);
  }

  #picture(): string {
    const label = this.#label.padEnd(14);
    if (this.#total === undefined) return `${label} ${this.#numbers()}`;
    const full = Math.round(this.#share() * BAR_WIDTH);
    return `${label} [${"#".repeat(full)}${".".repeat(BAR_WIDTH - full)}] ${this.#numbers()}`;
  }

  #numbers(): string {
    const done = this.#done.toLocaleString("en");
    if (this.#total === undefined) return `${done} files`;
    const percent = `${Math.floor(this.#share() * 100)}%`.padStart(4);
    return `${percent}  ${done} of ${this.#total.toLocaleString("en")} files`;
  }

  /** Files may be added meanwhile: then there are more done than expected. */
  #share(): number {
    return Math.min(1, this.#done / Math.max(1, this.#total ?? 1));
  }
}
