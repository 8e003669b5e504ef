import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { runExample, withFolder } from "./support.ts";

test("flaky_upstream.ts stops calling a server that is down, comes back, and draws a picture", async () => {
  await withFolder({}, async (folder) => {
    const picture = join(folder, "picture.svg");
    const args = ["--up", "400", "--down", "500", "--every", "5", picture];
    const { code, stdout, stderr } = await runExample("flaky_upstream.ts", args);
    assertEquals([code, stderr], [0, ""]);
    const events = [...stdout.matchAll(/^\d+ ms: (\w+) 127\.0\.0\.1:\d+$/gm)].map(([, event]) => event);
    assertEquals([events[0], events[1], events.at(-1)], ["open", "halfopen", "close"], stdout);
    const [, all, down] = /^The server received (\d+) requests, (\d+) of them while it was down\.$/m.exec(stdout)!;
    assert(Number(all) > Number(down), stdout);
    const svg = readFileSync(picture, "utf8");
    assert(svg.startsWith("<svg ") && svg.includes("down from 400 to 900 ms") && svg.endsWith("</svg>\n"), svg);
  });
});
