import { join } from "node:path";
import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { runExample, withFolder } from "./support.ts";

/** Files of a folder are found in any order, so all are alike: each process counts the same. */
const FILES = Object.fromEntries(
  Array.from({ length: 6 }, (_, i) => [`${i}.txt`, "one two two __proto__ constructor"]),
);

test("shared_dictionary.ts loses words with get and set, and none with update", async () => {
  await withFolder(FILES, async (folder) => {
    const { code, stdout, stderr } = await runExample("shared_dictionary.ts", [folder, "--processes", "3"]);
    assertEquals([code, stderr], [0, ""]);
    // Each process has two files; only the counts of the last writer survive.
    assertMatch(stdout, /^6 files, 30 words, 4 different ones$/m);
    assertMatch(stdout, /^3 processes fill a dictionary +words +lost +time$/m);
    assertMatch(stdout, /^with get and set +10 +20 +\d+\.\d\d s$/m);
    assertMatch(stdout, /^with update +30 +0 +\d+\.\d\d s$/m);
    assertMatch(
      stdout,
      /^With update, no word was lost\. The most frequent: two 12, constructor 6, one 6, proto__ 6\.$/m,
    );
  });
});

test("shared_dictionary.ts fills it from several folders, with more processes than files", async () => {
  await withFolder({ "a/1.txt": "one", "b/2.txt": "one two", "c/3.txt": "three" }, async (folder) => {
    const args = [join(folder, "a"), join(folder, "b"), "--processes", "4"];
    const { code, stdout, stderr } = await runExample("shared_dictionary.ts", args);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^2 files, 3 words, 2 different ones$/m);
    assertMatch(stdout, /^with get and set +2 +1 /m);
    assertMatch(stdout, /^With update, no word was lost\. The most frequent: one 2, two 1\.$/m);
  });
});

test("shared_dictionary.ts fails with a clear message where there is no folder", async () => {
  await withFolder({}, async (folder) => {
    const missing = join(folder, "missing");
    const { code, stdout, stderr } = await runExample("shared_dictionary.ts", [missing]);
    assertEquals([code, stdout, stderr], [1, "", `Cannot count words in ${missing}: it does not exist\n`]);
  });
});
