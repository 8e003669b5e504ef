// Which runtime a test runs on.

import process from "node:process";

/** The runtime's name. */
export const RUNTIME: "deno" | "bun" | "node" = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** Whether processes get signals and leave traces as on Linux. */
export const POSIX: boolean = process.platform !== "win32";
