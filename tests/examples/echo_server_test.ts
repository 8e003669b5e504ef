import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runExample } from "./support.ts";

test("echo_server.ts answers every line of every client, on at most one thread per slot", async () => {
  const args = ["--slots", "2", "--clients", "5", "--lines", "8"];
  const { code, stdout, stderr } = await runExample("echo_server.ts", args);
  assertEquals([code, stderr], [0, ""]);
  const [answers, most, ...rest] = stdout.split("\n");
  assertEquals([answers, rest], ["5 clients got 40 answers, all correct.", [""]]);
  const found = /^At most (\d) connections were served at once, on (\d) threads\.$/.exec(most!);
  const [served, threads] = [Number(found?.[1]), Number(found?.[2])];
  assert(served >= 1 && served <= 2 && threads >= served && threads <= 2, stdout);
});
