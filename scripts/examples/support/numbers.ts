// Runs the small examples as programs: parses numeric options and prints a failure as one line.

import process from "node:process";
import { parseArgs } from "node:util";
import { ExampleError } from "./run_example.ts";

/**
 * Runs an example whose options are whole numbers above 0. The exit code is 1 if it fails.
 *
 * Ctrl-C needs no handler: it ends the program, and its threads and processes end with it.
 *
 * @param defaults the options and their default values.
 * @param example the function to run; `words` are the positional arguments.
 */
export async function runWithNumbers<N extends Record<string, number>>(
  defaults: N,
  example: (numbers: N, words: string[]) => Promise<void>,
): Promise<void> {
  try {
    const [numbers, words] = read(defaults);
    await example(numbers, words);
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof ExampleError ? error.message : error);
  }
}

function read<N extends Record<string, number>>(defaults: N): [numbers: N, words: string[]] {
  const names = Object.keys(defaults);
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" } as const]));
  const { values, positionals } = parse(options);
  const given = Object.entries(values).map(([name, text]) => [name, count(name, text!)] as const);
  return [{ ...defaults, ...Object.fromEntries(given) }, positionals];
}

function parse(
  options: Record<string, { type: "string" }>,
): { values: Record<string, string | undefined>; positionals: string[] } {
  try {
    return parseArgs({ args: process.argv.slice(2), allowPositionals: true, options });
  } catch (error) {
    const usage = Object.keys(options).map((name) => `[--${name} <count>]`).join(" ");
    throw new ExampleError(`${(error as Error).message}\nUsage: ${usage}`);
  }
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new ExampleError(`Cannot run as '--${name}' must be a whole number above 0: current value is ${text}`);
}
