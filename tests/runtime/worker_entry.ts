// The first module of a worker, which runs code from a test.

import fs from "node:fs";
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";

/** The URL of this module. */
export const ENTRY: string = import.meta.url;

/** The environment variable with the code of a process. */
export const BODY = "HEDDLE_TEST_BODY";

/** Runs the code that was passed to the thread. */
export function serveThread(): void {
  const { body, data } = workerData as { body: string; data: unknown };
  run(body, data);
}

/** Runs the code in the environment of the process. */
export function serveProcess(): void {
  run(process.env[BODY]!, undefined);
}

function run(body: string, data: unknown): void {
  new Function("fs", "process", "parentPort", "data", body)(fs, process, parentPort, data);
}
