// Prints lines that change in place on a terminal; elsewhere every change prints a new line.

import process from "node:process";

/** A block of lines that change in place. */
export class LiveLines {
  readonly #lines: string[];
  readonly #live: boolean = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  #drawn = false;

  constructor(count: number) {
    this.#lines = new Array<string>(count).fill("");
  }

  /** Changes a line. */
  set(index: number, text: string): void {
    this.#lines[index] = text;
    if (!this.#live) return console.log(text);
    // Move up to the first line and overwrite the old text.
    const up = this.#drawn ? `\x1b[${this.#lines.length}A` : "";
    process.stdout.write(up + this.#lines.map((line) => `\x1b[2K${line}\n`).join(""));
    this.#drawn = true;
  }
}
