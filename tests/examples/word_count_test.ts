import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runExample, withFolder } from "./support.ts";

/** Larger than the pieces in which files are read, so that reads end inside words and inside characters. */
const REPEATS = 60_000;
const LARGE = "Straße naïve 日本語\n".repeat(REPEATS);

const FILES: Record<string, string | Uint8Array> = {
  "a.txt": "one two two three three three",
  "deep/er/b.md": "Three, THREE; three! x_1 y2",
  "empty.txt": "",
  "large.txt": LARGE,
  "picture.bin": Uint8Array.of(0x89, 0x50, 0, 1, 2),
  "not_utf8.txt": Uint8Array.of(0x66, 0x6f, 0x6f, 0xff, 0x62, 0x61, 0x72),
};
const WORDS = 6 + 5 + 3 * REPEATS + 2;

test("word_count.ts counts the same words in all three ways and skips binary files", async () => {
  await withFolder(FILES, async (folder) => {
    // Neither link may be followed: the second one leads in circles.
    symlinkSync(join(folder, "a.txt"), join(folder, "link.txt"));
    symlinkSync(folder, join(folder, "deep", "circle"));
    const unreadable = addUnreadable(folder);
    const { code, stdout, stderr } = await runExample("word_count.ts", [folder, "--workers", "2"]);
    assertEquals(code, 0, stderr);
    assertEquals(stderr, "");
    assertStringIncludes(stdout, `${6 + unreadable} files below ${folder}\n`);
    for (const mode of ["one thread", "2 threads", "2 processes"]) {
      assertEquals(rowOf(stdout, mode), ["5", "1", String(unreadable), WORDS.toLocaleString("en")], stdout);
    }
    assertMatch(stdout, /^one thread {3}█+ \d+\.\d\d s$/m);
    assertMatch(stdout, /^2 threads {4}░*█* \d+\.\d\d s(?: {2}\d+\.\d\dx after its start-up)?$/m);
    const words = [...stdout.matchAll(/^ +([\d,]+) {2}(\S+)$/gm)].map(([, count, word]) => `${word} ${count}`);
    const many = REPEATS.toLocaleString("en");
    const top = [`naïve ${many}`, `straße ${many}`, `日本語 ${many}`, "three 6", "two 2"];
    assertEquals(words, [...top, "bar 1", "foo 1", "one 1", "x_1 1", "y2 1"]);
    assertStringIncludes(stdout, "All three agree on every word.");
  });
});

test("word_count.ts counts at most --limit files", async () => {
  await withFolder(FILES, async (folder) => {
    const { code, stdout, stderr } = await runExample("word_count.ts", [folder, "--limit", "2", "--workers", "1"]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, `2 files below ${folder}\n`);
  });
});

test("word_count.ts finds nothing in an empty folder", async () => {
  await withFolder({}, async (folder) => {
    const { code, stdout, stderr } = await runExample("word_count.ts", [folder, "--workers", "2"]);
    assertEquals(code, 0, stderr);
    assertEquals(rowOf(stdout, "2 processes"), ["0", "0", "0", "0"]);
  });
});

test("word_count.ts fails with a clear message where there is no folder", async () => {
  await withFolder({ "file.txt": "text" }, async (folder) => {
    const missing = join(folder, "missing");
    const file = join(folder, "file.txt");
    for (const [path, reason] of [[missing, "it does not exist"], [file, "it is not a folder"]] as const) {
      const { code, stdout, stderr } = await runExample("word_count.ts", [path]);
      assertEquals([code, stdout, stderr], [1, "", `Cannot count words in ${path}: ${reason}\n`]);
    }
  });
});

test("word_count.ts fails with a clear message on a wrong option", async () => {
  const wrong: [string[], string][] = [
    [["--workers", "none"], "Cannot run as '--workers' must be a whole number above 0: current value is none\n"],
    [["a", "b"], "Cannot count words in more than one folder: a, b\n"],
    [["--folder", "a"], "Usage: [folder] [--workers <count>] [--limit <files>]\n"],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await runExample("word_count.ts", args);
    assertEquals([code, stdout], [1, ""]);
    assert(stderr.endsWith(message), stderr);
  }
});

/** Adds a file that only root can read; adds none if the test runs as root. */
function addUnreadable(folder: string): number {
  if (process.getuid?.() === 0 || process.platform === "win32") return 0;
  const file = join(folder, "secret.txt");
  writeFileSync(file, "secret");
  chmodSync(file, 0);
  return 1;
}

/** The last four columns of a row of the table: text files, binary, unreadable, words. */
function rowOf(stdout: string, mode: string): string[] {
  const line = stdout.split("\n").find((line) => line.startsWith(mode)) ?? "";
  return line.trim().split(/ +/).slice(-4);
}
