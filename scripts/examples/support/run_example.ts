// What the examples have in common as programs: options, exit codes and Ctrl-C.

import process from "node:process";
import { parseArgs } from "node:util";

/** What a command line may say. */
export interface ExampleOptions {
  /** The folder to look at. */
  folder: string | undefined;
  /** How many workers a pool has; as many as the machine has cores if left out. */
  workers: number | undefined;
  /** At most so many files are looked at. */
  limit: number;
}

/** A failure whose message says everything: no stack is printed. */
export class ExampleError extends Error {
  override readonly name = "ExampleError";
}

const INTERRUPTED = 130;

/**
 * Runs an example: the exit code is 0 when it succeeds, 1 when it fails, 130 when Ctrl-C ends it.
 *
 * Ctrl-C aborts a signal instead of ending the program at once, so that the example can close its pools on its way out.
 * Pressed twice it ends the program on the spot; the workers notice that by themselves.
 */
export async function runExample(
  example: (options: ExampleOptions, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort(new ExampleError("Interrupted"));
  };
  process.on("SIGINT", interrupt);
  try {
    await example(readOptions(process.argv.slice(2)), controller.signal);
  } catch (error) {
    process.exitCode = controller.signal.aborted ? INTERRUPTED : 1;
    console.error(error instanceof ExampleError ? error.message : error);
  } finally {
    process.off("SIGINT", interrupt);
  }
}

/** Writes milliseconds as seconds. */
export function inSeconds(time: number): string {
  return `${(time / 1_000).toFixed(2)} s`;
}

/** Writes how much faster one time is than another. */
export function speedUp(before: number, after: number): string {
  return `${(before / after).toFixed(2)}x`;
}

function readOptions(args: string[]): ExampleOptions {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) throw new ExampleError(`Cannot look at more than one folder: ${positionals.join(", ")}`);
  return {
    folder: positionals[0],
    workers: values.workers === undefined ? undefined : count("--workers", values.workers),
    limit: values.limit === undefined ? Infinity : count("--limit", values.limit),
  };
}

function parse(args: string[]): { values: { workers?: string; limit?: string }; positionals: string[] } {
  try {
    const options = { workers: { type: "string" }, limit: { type: "string" } } as const;
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    throw new ExampleError(`${(error as Error).message}\nUsage: [folder] [--workers <count>] [--limit <files>]`);
  }
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new ExampleError(`Cannot take ${option} as it must be a whole number above 0: current value is ${text}`);
}
