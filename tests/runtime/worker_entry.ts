// The first module of a worker that runs what a test says.

import fs from "node:fs";
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";

/** The address of this module. */
export const ENTRY: string = import.meta.url;

/** The variable that carries what a process runs. */
export const BODY = "HEDDLE_TEST_BODY";

/** Runs the body that the thread was started with. */
export function serveThread(): void {
  const { body, data } = workerData as { body: string; data: unknown };
  run(body, data);
}

/** Runs the body in the environment of the process. */
export function serveProcess(): void {
  run(process.env[BODY]!, undefined);
}

function run(body: string, data: unknown): void {
  new Function("fs", "process", "parentPort", "data", body)(fs, process, parentPort, data);
}
