import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runExample, withFolder } from "./support.ts";

test("connections_23.ts opens all connections, never more than the limit at once, and draws a picture", async () => {
  await withFolder({}, async (folder) => {
    const picture = join(folder, "picture.svg");
    const args = ["--connections", "9", "--limit", "3", "--stay", "30", picture];
    const { code, stdout, stderr } = await runExample("connections_23.ts", args);
    assertEquals([code, stderr], [0, ""]);
    for (let i = 1; i <= 9; i++) {
      const own = stdout.split("\n").filter((line) => line.startsWith(`Connection ${i} `));
      assertEquals(own.map((line) => line.replace(/: [123] of 3$/, "")), [
        `Connection ${i} waits`,
        `Connection ${i} is open`,
        `Connection ${i} is closed`,
      ]);
    }
    assert(stdout.includes("\nThe server had 9 connections, at most 3 at once.\n"), stdout);
    const svg = readFileSync(picture, "utf8");
    assert(svg.startsWith("<svg ") && svg.includes("9 connections, limit 3") && svg.endsWith("</svg>\n"), svg);
    // After the first point, each connection adds two steps to the line.
    assertEquals(svg.match(/H[\d.]+V[\d.]+/g)!.length, 1 + 2 * 9 + 1);
  });
});
