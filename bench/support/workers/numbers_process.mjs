// Sends numbers, one message per number, as fast as the parent receives them.
import process from "node:process";

const count = Number(process.argv[2]);
let n = 0;
function send() {
  while (n < count) if (!process.send(n++, n % 256 === 0 ? next : undefined) || n % 256 === 0) return;
}
function next() {
  send();
}
send();
