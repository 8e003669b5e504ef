// The worker file of piscina and tinypool: named exports that take one argument.
import { add, echo, isPrime } from "../work.ts";

export { echo, isPrime };

export function addPair([a, b]) {
  return add(a, b);
}
