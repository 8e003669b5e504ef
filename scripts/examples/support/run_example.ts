// Runs the large examples as programs: options, exit codes and Ctrl-C.

import process from "node:process";
import { parseArgs } from "node:util";

/** The options of the command line. */
export interface ExampleOptions {
  /** The folder to walk. */
  folder: string | undefined;
  /** The number of workers of a pool; by default one per core. */
  workers: number | undefined;
  /** The maximum number of files. */
  limit: number;
}

/** A failure whose message is complete: no stack is printed. */
export class ExampleError extends Error {
  override readonly name = "ExampleError";
}

const INTERRUPTED = 130;

/**
 * Runs an example: the exit code is 0 when it succeeds, 1 when it fails, 130 when Ctrl-C ends it.
 *
 * Ctrl-C aborts a signal instead of ending the program, so that the example can close its pools first. Pressed twice, it ends
 * the program immediately; the workers detect that and end too.
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

/** Formats milliseconds as seconds. */
export function inSeconds(time: number): string {
  return `${(time / 1_000).toFixed(2)} s`;
}

/** Formats how many times faster `after` is than `before`. */
export function speedUp(before: number, after: number): string {
  return `${(before / after).toFixed(2)}x`;
}

function readOptions(args: string[]): ExampleOptions {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) {
    throw new ExampleError(`Cannot count words in more than one folder: ${positionals.join(", ")}`);
  }
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
  throw new ExampleError(`Cannot run as '${option}' must be a whole number above 0: current value is ${text}`);
}
