import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runExample, withFolder } from "./support.ts";

/** Enough for more than one piece. */
const REPEATS = 10_000;
const FILES: Record<string, string | Uint8Array> = {
  "a.txt": "one two two three three three",
  "deep/er/b.md": "Three, THREE; three! x_1 y2",
  "empty.txt": "",
  "large.txt": "Straße naïve 日本語\n".repeat(REPEATS),
  "picture.bin": Uint8Array.of(0x89, 0x50, 0, 1, 2),
  ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`many/${i}.txt`, "many"])),
};

for (const room of ["1", "16"]) {
  test(`pipeline.ts counts every word once through queues with room for ${room}`, async () => {
    await withFolder(FILES, async (folder) => {
      const args = [folder, "--readers", "2", "--counters", "3", "--room", room];
      const { code, stdout, stderr } = await runExample("pipeline.ts", args);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(sharesOf(stdout, "read", 2, "files"), 24);
      const pieces = sharesOf(stdout, "count", 3, "pieces");
      // The large file has many pieces, 22 others have one, and the empty one has none.
      assert(pieces > 24, stdout);
      assertEquals(sharesOf(stdout, "merge", 1, "pieces"), pieces);
      const words = 6 + 5 + 3 * REPEATS + 20;
      assertMatch(
        stdout,
        new RegExp(`^${words} words, 9 different ones, in \\d+\\.\\d\\d s; 1 files were skipped\\.$`, "m"),
      );
      const top = [`naïve ${REPEATS}`, `straße ${REPEATS}`, `日本語 ${REPEATS}`, "many 20", "three 6"];
      assertStringIncludes(stdout, `The most frequent: ${top.join(", ")}.\n`);
    });
  });
}

test("pipeline.ts ends all stages when one of them fails, and says why", async () => {
  // Each file is too large for the readers to put, and there are more files than the first queue has room for.
  const large = "word ".repeat(2_000);
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.txt`, large]));
  await withFolder(files, async (folder) => {
    const { code, stdout, stderr } = await runExample("pipeline.ts", [folder, "--room", "1", "--bytes", "5000"]);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /Cannot put an item into a queue of \d+ bytes: its size is \d+ bytes/);
  });
});

test("pipeline.ts fails with a clear message where there is no folder", async () => {
  await withFolder({ "a/1.txt": "one" }, async (folder) => {
    const missing = join(folder, "missing");
    const { code, stdout, stderr } = await runExample("pipeline.ts", [join(folder, "a"), missing]);
    assertEquals([code, stdout, stderr], [1, "", `Cannot count words in ${missing}: it does not exist\n`]);
  });
});

/** The total of a stage, which must be the sum of its threads. */
function sharesOf(stdout: string, stage: string, threads: number, unit: string): number {
  const [, done, list] = new RegExp(`^${stage} +${threads} +(\\d+) ${unit} +(\\d.*)$`, "m").exec(stdout) ?? [];
  assert(list !== undefined, stdout);
  const shares = list.split(" + ").map(Number);
  assertEquals(shares.length, threads, stdout);
  assertEquals(shares.reduce((a, b) => a + b), Number(done), stdout);
  return Number(done);
}
