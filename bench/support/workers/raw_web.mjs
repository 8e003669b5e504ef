// The far end of the thread baseline under Deno.
import * as work from "../work.ts";

globalThis.onmessage = ({ data: [id, method, ...args] }) => globalThis.postMessage([id, work[method](...args)]);
