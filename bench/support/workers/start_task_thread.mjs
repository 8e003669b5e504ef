// A bare thread that loads the module of the same task as ours, and with it what a task needs of the library.
import { parentPort, workerData } from "node:worker_threads";
import { sum } from "../start_task.ts";

parentPort.postMessage(sum(...workerData));
