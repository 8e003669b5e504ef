// Measures CPython's ProcessPoolExecutor, the model of ours, on the same work, if Python is installed.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Plan } from "./measure.ts";

export interface PythonFigures {
  readonly throughput: number;
  readonly latency: number;
  readonly echo: number;
}

/** Measures one round; `undefined` without a working Python. */
export async function measurePython(plan: Plan): Promise<PythonFigures | undefined> {
  const script = fileURLToPath(new URL("./cpython.py", import.meta.url));
  const args = [script, plan.workers, plan.inFlight, plan.echoBytes, plan.budget].map(String);
  const text = await output("python3", args, 60_000);
  return text === undefined ? undefined : JSON.parse(text) as PythonFigures;
}

/** The version of Python, such as "3.11.7". */
export async function pythonVersion(): Promise<string | undefined> {
  return (await output("python3", ["--version"], 10_000))?.match(/\d+\.\d+\.\d+/)?.[0];
}

/** Returns the output of a program, or `undefined` if it cannot run or fails. */
export function output(
  program: string,
  args: readonly string[],
  timeout: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "ignore"],
      timeout,
      killSignal: "SIGKILL",
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => text += part);
    child.once("error", () => resolve(undefined));
    child.once("close", (code) => resolve(code === 0 ? text : undefined));
  });
}
