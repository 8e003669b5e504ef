// What has become of promises, in the order in which it did.

/** Notes how each promise it follows ends. */
export class Log {
  readonly lines: string[] = [];

  /** Follows a promise: "a" once it is fulfilled, "a TimeoutError" if it fails; a value that is text follows the name. */
  follow(name: string, promise: PromiseLike<unknown>): void {
    void promise.then(
      (value) => this.lines.push(typeof value === "string" ? `${name} ${value}` : name),
      (error) => this.lines.push(`${name} ${error instanceof Error ? error.name : String(error)}`),
    );
  }

  /** Lets what is settled call back, then gives away the lines so far. */
  async take(): Promise<string[]> {
    await turn();
    return this.lines.splice(0);
  }
}

/** Lets promises that are settled call back, and those that wait for them. */
export async function turn(): Promise<void> {
  for (let hops = 0; hops < 30; hops++) await Promise.resolve();
}
