/**
 * The output of a process that its starter reads.
 *
 * @module
 */

import { checkOneOf } from "../core/check.ts";
import { OutputStream } from "./output_stream.ts";

/** Where the output of a process goes. */
export interface OutputOptions {
  /**
   * Destination of the standard output: `"inherit"`, the default, forwards whole lines to the program's own output;
   * `"pipe"` provides the property `stdout`.
   */
  stdout?: "inherit" | "pipe" | undefined;
  /** Destination of the standard error, as for `stdout`. */
  stderr?: "inherit" | "pipe" | undefined;
}

/** Takes a chunk of output. */
type Taker = (chunk: Uint8Array) => void;

/** The streams of one process. */
export class PipedOutput {
  readonly stdout: OutputStream | undefined;
  readonly stderr: OutputStream | undefined;

  /** @param action the beginning of messages, such as "Cannot make a Process". */
  constructor(action: string, { stdout = "inherit", stderr = "inherit" }: OutputOptions) {
    checkOneOf(`${action} as 'stdout'`, stdout, ["inherit", "pipe"]);
    checkOneOf(`${action} as 'stderr'`, stderr, ["inherit", "pipe"]);
    if (stdout === "pipe") this.stdout = new OutputStream();
    if (stderr === "pipe") this.stderr = new OutputStream();
  }

  /** The functions that take the output of the process. */
  get takers(): { stdout: Taker | undefined; stderr: Taker | undefined } {
    return { stdout: takerOf(this.stdout), stderr: takerOf(this.stderr) };
  }

  /** Ends the streams. */
  close(): void {
    this.stdout?.close();
    this.stderr?.close();
  }
}

function takerOf(stream: OutputStream | undefined): Taker | undefined {
  return stream === undefined ? undefined : (chunk) => stream.push(chunk);
}
