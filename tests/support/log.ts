// Records the outcomes of promises in the order in which they settle.

/** Records how each promise it follows settles. */
export class Log {
  readonly lines: string[] = [];

  /**
   * Follows a promise: records "a" if it is fulfilled, "a text" if its value is text, "a TimeoutError" if it is
   * rejected.
   */
  follow(name: string, promise: PromiseLike<unknown>): void {
    void promise.then(
      (value) => this.lines.push(typeof value === "string" ? `${name} ${value}` : name),
      (error) => this.lines.push(`${name} ${error instanceof Error ? error.name : String(error)}`),
    );
  }

  /** Lets settled promises call back, then returns and clears the lines so far. */
  async take(): Promise<string[]> {
    await turn();
    return this.lines.splice(0);
  }
}

/** Lets settled promises call back, and promises that depend on them. */
export async function turn(): Promise<void> {
  for (let hops = 0; hops < 30; hops++) await Promise.resolve();
}
