import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";

test("leaves a process", () => {
  const idle = ["-e", "setInterval(() => {}, 1_000)"];
  const args = "Deno" in globalThis ? ["eval", idle[1]!] : idle;
  spawn(process.execPath, args, { detached: true, stdio: "ignore" }).unref();
});
