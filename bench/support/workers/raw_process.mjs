// The worker of the process baseline.
import * as work from "../work.ts";

process.on("message", ([id, method, ...args]) => process.send([id, work[method](...args)]));
process.on("disconnect", () => process.exit(0));
