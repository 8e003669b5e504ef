import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { bootstrap, dataModule } from "../../src/runtime/bootstrap.ts";
import { runtime } from "../../src/runtime/mod.ts";
import type { HostExit } from "../../src/runtime/types.ts";
import { workerScope } from "../../src/runtime/worker_scope.ts";

/** Starts a thread with an entry of this source, and returns its output. */
async function run(source: string): Promise<{ said: unknown[]; exit: HostExit }> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bootstrap-"));
  const entry = join(folder, "entry.mjs");
  writeFileSync(entry, PROLOGUE + source);
  const release = runtime.keepAlive();
  try {
    const said: unknown[] = [];
    const exit = await new Promise<HostExit>((exit) => {
      runtime.startThread(pathToFileURL(entry).href, undefined, "test", {
        unreadable: () => {},
        message: (message) => void said.push(message),
        exit,
      });
    });
    return { said, exit };
  } finally {
    release();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The common code of every entry: the location of the first module's data, and a function that posts. */
const PROLOGUE = `import { parentPort } from "node:worker_threads";
  const scope = globalThis[Symbol.for("heddle.worker")];
  const say = (what) => parentPort.postMessage(what);`;

test("dataModule() returns the URL of a module with any source", async () => {
  const source = 'export const text = "100% #1? & é \\n 👋";';
  assertEquals((await import(dataModule(source))).text, "100% #1? & é \n 👋");
});

test("bootstrap() accepts any URL, and passes the arguments to the function", () => {
  const source = bootstrap('file:///a"b/é.ts', "serveProcess", { name: "</script>" }, { main: "file:///main.ts" });
  assertMatch(source, /import\("file:\/\/\/a\\"b\/é\.ts"\)/);
  assertMatch(source, /"hello":\{"name":"<\/script>"\},"program":\{"main":"file:\/\/\/main\.ts"\},"loading":true\}/);
});

test("bootstrap() marks the thread as a worker before it imports the entry, and calls its function", async () => {
  assertEquals(workerScope(), undefined);
  const { said, exit } = await run(
    `say([scope.start, scope.loading]); export const serveThread = () => say("served");`,
  );
  assertEquals([said, exit.error], [[["serveThread", true], "served"], undefined]);
});

test("bootstrap() calls the library's function in a bundle, regardless of the bundle's exports", async () => {
  const { said } = await run(
    `scope.serveThread = () => say("library"); export const serveThread = () => say("program");`,
  );
  assertEquals(said, ["library"]);
});

test("bootstrap() reports a failed program to the library in a bundle", async () => {
  const source = `scope.refuse = (error) => say(error.message); throw new Error("of the program");`;
  const { said, exit } = await run(source);
  assertEquals([said, exit.error], [["of the program"], undefined]);
});

test("bootstrap() ends a worker whose entry does not load", async () => {
  const { exit } = await run(`throw new RangeError("of the entry");`);
  assertInstanceOf(exit.error, Error);
  assertMatch(exit.error.message, /of the entry/);
});
