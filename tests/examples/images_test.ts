import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { halve } from "../../scripts/examples/image_tasks.ts";
import { runExample, startExample } from "./support.ts";

const NO_SIGNALS = process.platform === "win32" ? "Windows cannot send signals to a program" : false;

test("images.ts makes pictures grey and half as large, and shows its progress", async () => {
  const { code, stdout, stderr } = await runExample("images.ts", ["--pictures", "8", "--size", "64"]);
  assertEquals([code, stderr], [0, ""]);
  assert(/^25%: 2 of 8 pictures\n(.*\n)*100%: 8 of 8 pictures\n8 pictures in \d/.test(stdout), stdout);
  assertStringIncludes(stdout, "The first one has 32 by 32 pixels in 1 channel.\n");
});

test("images.ts leaves no picture half written on Ctrl-C", { skip: NO_SIGNALS }, async () => {
  const { child, ended } = startExample("images.ts", ["--pictures", "5000", "--size", "128"]);
  setTimeout(() => process.kill(-child.pid!, "SIGINT"), 1_500);
  const { code, signal, stdout, stderr } = await ended;
  assertEquals([signal === "SIGINT" ? 130 : code, stderr], [130, ""]);
  if (code === 130) assertStringIncludes(stdout, "Interrupted; 0 files are half written.\n");
});

test("halve() averages blocks of four pixels", () => {
  const data = Uint8Array.of(0, 4, 100, 100, 8, 4, 100, 100);
  assertEquals([...halve({ width: 4, height: 2, data }).data], [4, 100]);
});
