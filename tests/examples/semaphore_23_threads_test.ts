import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runExample } from "./support.ts";

const LINE = /^Guest (\d+) (enters|leaves): (\d+) inside$/gm;

test("semaphore_23_threads.ts never lets in more threads than there is room for, and prints in order", async () => {
  const args = ["--threads", "7", "--room", "3", "--stay", "100"];
  const { code, stdout, stderr } = await runExample("semaphore_23_threads.ts", args);
  assertEquals([code, stderr], [0, ""]);
  const lines = [...stdout.matchAll(LINE)].map(([, guest, what, inside]) => ({ guest, what, inside: Number(inside) }));
  for (const what of ["enters", "leaves"]) {
    const guests = lines.filter((line) => line.what === what).map(({ guest }) => Number(guest));
    assertEquals(guests.sort(), [1, 2, 3, 4, 5, 6, 7]);
  }
  // Each line follows from the one before it.
  let inside = 0;
  for (const line of lines) assertEquals(line.inside, inside += line.what === "enters" ? 1 : -1, stdout);
  const most = Math.max(...lines.map(({ inside }) => inside));
  // All seven started together, so more than one must have been inside at once.
  assert(most === 2 || most === 3, stdout);
  assert(
    stdout.endsWith(`\nAll 7 threads were inside, at most ${most} at once; there is room for 3.\n`),
    stdout,
  );
});

test("semaphore_23_threads.ts fails with a clear message on a wrong option", async () => {
  const wrong: [string[], string][] = [
    [["--room", "0"], "Cannot run as '--room' must be a whole number above 0: current value is 0\n"],
    [["--seats", "1"], "Usage: [--threads <count>] [--room <count>] [--stay <count>]\n"],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await runExample("semaphore_23_threads.ts", args);
    assertEquals([code, stdout], [1, ""]);
    assert(stderr.endsWith(message), stderr);
  }
});
