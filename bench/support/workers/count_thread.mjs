// Counts the numbers in its messages, and answers when all have arrived in order.
import { parentPort } from "node:worker_threads";

let next = 0;
let wanted = 0;
parentPort.on("message", (message) => {
  if (typeof message !== "number") [next, wanted] = [0, message.count];
  else if (message !== next++) parentPort.postMessage(`Wrong answer: ${message}`);
  if (next === wanted) parentPort.postMessage("done");
});
