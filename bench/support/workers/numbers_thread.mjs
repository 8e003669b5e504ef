// Posts numbers, one message per number, at full speed.
import { parentPort, workerData } from "node:worker_threads";

for (let n = 0; n < workerData; n++) parentPort.postMessage(n);
