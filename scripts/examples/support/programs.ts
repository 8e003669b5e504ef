// Programs that an example starts: one for each runtime of this machine.

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findRuntimes } from "../../runner/runtimes.ts";
import { ExampleError } from "./run_example.ts";

/** A program that runs. */
export interface Program {
  /** The name and version of its runtime. */
  readonly label: string;
  readonly child: ChildProcess;
  /** Its lines, also those that it has printed before they are read. */
  readonly lines: AsyncIterator<string>;
}

/** Starts one file on Deno, Bun and Node, as far as they are there; a runtime takes the place of one that is missing. */
export function startOnEachRuntime(file: string, args: readonly string[], env: Record<string, string>): Program[] {
  const runtimes = findRuntimes(["deno", "bun", "node"]);
  return [0, 1, 2].map((i) => {
    const { id, label, binary } = runtimes[i % runtimes.length]!;
    const flags = id === "deno" ? ["run", "-A", "--quiet"] : [];
    const child = spawn(binary, [...flags, fileURLToPath(new URL(`../${file}`, import.meta.url)), ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    return { label, child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
  });
}

/** Returns the next line of a program. */
export async function nextLine({ label, lines }: Program): Promise<string> {
  const { done, value } = await lines.next();
  if (done) throw new ExampleError(`The program on ${label} has ended too early`);
  return value;
}

/** Kills a program, and resolves when it is gone. */
export async function killProgram({ child }: Program): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
