// Shows progress on stderr: a bar on a terminal, an occasional line elsewhere.

import process from "node:process";
import { SingleBar } from "cli-progress";

/** Milliseconds between two updates of the bar, and between two lines where there is no terminal. */
const REDRAW = 80, LINE = 5_000;

/** Counts finished files and shows the progress. */
export class ProgressBar {
  readonly #label: string;
  readonly #total: number | undefined;
  /** Undefined without a terminal: there the bar would print a line immediately and one at the end. */
  readonly #bar: SingleBar | undefined;
  #done = 0;
  #shown: number = performance.now();

  /** Without a total, shows only the count. */
  constructor(label: string, total?: number) {
    this.#label = label;
    this.#total = total;
    if (process.stderr.isTTY !== true) return;
    const numbers = total === undefined ? "{done} files" : "[{bar}] {percentage}%  {done} of {all} files";
    this.#bar = new SingleBar({
      format: `${label.padEnd(14)} ${numbers}`,
      barCompleteChar: "#",
      barIncompleteChar: ".",
      barsize: 28,
      stream: process.stderr,
      fps: 1_000 / REDRAW,
      hideCursor: true,
      clearOnComplete: true,
      // The example handles Ctrl-C.
      gracefulExit: false,
    });
    this.#bar.start(total ?? 1, 0, this.#payload());
  }

  /** Reports `count` more finished files. */
  add(count: number): void {
    this.#done += count;
    if (this.#bar !== undefined) return this.#bar.update(this.#capped(), this.#payload());
    const now = performance.now();
    if (now - this.#shown < LINE) return;
    this.#shown = now;
    process.stderr.write(`${this.#label}: ${this.#numbers()}\n`);
  }

  /** Removes the bar from the terminal. */
  end(): void {
    this.#bar?.stop();
  }

  #payload(): { done: string; all: string } {
    return { done: this.#done.toLocaleString("en"), all: (this.#total ?? 0).toLocaleString("en") };
  }

  #numbers(): string {
    const { done, all } = this.#payload();
    if (this.#total === undefined) return `${done} files`;
    const percent = `${Math.floor(100 * this.#capped() / Math.max(1, this.#total))}%`.padStart(4);
    return `${percent}  ${done} of ${all} files`;
  }

  /** Files may be added during the walk: then more are finished than expected. */
  #capped(): number {
    return Math.min(this.#done, this.#total ?? 0);
  }
}
