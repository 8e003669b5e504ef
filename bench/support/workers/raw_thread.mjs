// The worker of the thread baseline on Node and Bun.
import { parentPort } from "node:worker_threads";
import * as work from "../work.ts";

parentPort.on("message", ([id, method, ...args]) => parentPort.postMessage([id, work[method](...args)]));
