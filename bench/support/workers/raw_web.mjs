// The worker of the thread baseline on Deno.
import * as work from "../work.ts";

globalThis.onmessage = ({ data: [id, method, ...args] }) => globalThis.postMessage([id, work[method](...args)]);
