// Names the runtime that runs the test.

import process from "node:process";

/** The runtime's name. */
export const RUNTIME: "deno" | "bun" | "node" = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** Whether processes have signals, and can be observed as on Linux. */
export const POSIX: boolean = process.platform !== "win32";
