import { subscribe, unsubscribe } from "node:diagnostics_channel";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { runtime } from "../../src/runtime/mod.ts";
import { inheritedFlags, mergeEnvironment } from "../../src/runtime/node_compat.ts";
import type { HostExit, ProcessPort, ThreadPort } from "../../src/runtime/types.ts";
import { BODY, ENTRY } from "./worker_entry.ts";

/** Bun reports the heap size of its last garbage collection. */
const COUNTS_LATE = "Bun" in globalThis ? "Bun counts memory when it collects garbage" : false;

function flagsOf(...given: string[]): string[] {
  const own = process.execArgv;
  process.execArgv = given;
  try {
    return inheritedFlags();
  } finally {
    process.execArgv = own;
  }
}

interface ThreadRun {
  readonly messages: unknown[];
  readonly exit: HostExit;
}

/** Runs a thread to its end. */
function runThread(body: string, data: unknown, then: (port: ThreadPort, message: unknown) => void = () => {}) {
  return new Promise<ThreadRun>((resolve) => {
    const messages: unknown[] = [];
    const release = runtime.keepAlive();
    const port: ThreadPort = runtime.startThread(ENTRY, { body, data }, "test thread", {
      message: (message) => {
        messages.push(message);
        then(port, message);
      },
      unreadable: () => {},
      exit: (exit) => {
        release();
        resolve({ messages, exit });
      },
    });
  });
}

interface ProcessRun {
  readonly text: string;
  readonly exit: HostExit;
  readonly pid: number | undefined;
}

/** Runs a process to its end. */
function runProcess(body: string, then: (port: ProcessPort, text: string) => void = () => {}) {
  return new Promise<ProcessRun>((resolve) => {
    const decoder = new TextDecoder();
    let text = "";
    const release = runtime.keepAlive();
    const port: ProcessPort = runtime.startProcess({
      entry: ENTRY,
      modules: [],
      env: { [BODY]: body },
      cwd: undefined,
      execArgs: [],
      permissions: "inherit",
    }, {
      data: (chunk) => {
        text += decoder.decode(chunk, { stream: true });
        then(port, text);
      },
      deaf: () => {},
      exit: (exit) => {
        release();
        resolve({ text, exit, pid: port.pid });
      },
    });
  });
}

test("inheritedFlags() passes on flags that concern a worker, with their values", () => {
  const flags = [
    "--max-old-space-size=99",
    "--import",
    "./setup.mjs",
    "-r",
    "./more.cjs",
    "--conditions",
    "dev",
    "--smol",
  ];
  assertEquals(flagsOf(...flags), flags);
});

test("inheritedFlags() omits the program, and flags for watching, testing and inspection", () => {
  assertEquals(flagsOf("-e", "code"), []);
  assertEquals(flagsOf("--eval", "-1", "-p", "2", "-pe", "3", "--print", "4", "--eval=5"), []);
  assertEquals(flagsOf("-p", "-e", "code"), []);
  assertEquals(flagsOf("--test", "--watch", "--inspect", "--inspect-brk=9230", "--check", "-i", "--hot"), ["-i"]);
});

test("inheritedFlags() omits the values of omitted flags", () => {
  assertEquals(flagsOf("--input-type", "module", "-e", "code"), []);
  assertEquals(flagsOf("--test-name-pattern", "x", "--no-warnings"), ["--no-warnings"]);
  assertEquals(flagsOf("--watch-path", "./src", "--watch", "--import", "./a.mjs"), ["--import", "./a.mjs"]);
  assertEquals(flagsOf("--inspect-port=1", "--enable-source-maps", "--test-reporter", "tap"), ["--enable-source-maps"]);
});

test("mergeEnvironment() adds, changes and removes variables of the program's environment", () => {
  process.env.HEDDLE_GIVEN_ONE = "1";
  process.env.HEDDLE_GIVEN_TWO = "2";
  const merged = mergeEnvironment({
    HEDDLE_GIVEN_TWO: undefined,
    HEDDLE_GIVEN_THREE: "3",
    HEDDLE_GIVEN_FOUR: 4 as never,
  });
  delete process.env.HEDDLE_GIVEN_ONE;
  delete process.env.HEDDLE_GIVEN_TWO;
  const ours = Object.entries(merged).filter(([key]) => /^HEDDLE_GIVEN_/.test(key)).sort();
  assertEquals(ours, [["HEDDLE_GIVEN_FOUR", "4"], ["HEDDLE_GIVEN_ONE", "1"], ["HEDDLE_GIVEN_THREE", "3"]]);
  assertEquals(merged.PATH, process.env.PATH);
});

test("mergeEnvironment() reads own properties only", () => {
  const given = Object.assign(Object.create({ HEDDLE_INHERITED: "1" }), { HEDDLE_OWN: "2" });
  const merged = mergeEnvironment(given);
  assertEquals([merged.HEDDLE_INHERITED, merged.HEDDLE_OWN, merged.toString], [undefined, "2", undefined as never]);
});

test("startThread() transfers its data, passes messages and reports the exit code", async () => {
  const body = "parentPort.on('message', (m) => process.exit(m)); parentPort.postMessage({ got: data });";
  const { messages, exit } = await runThread(body, { a: [1] }, (port) => port.post(3, []));
  assertEquals([messages, exit.code, exit.error], [[{ got: { a: [1] } }], 3, undefined]);
});

test("startThread() reports the error that ended a thread", async () => {
  const { exit } = await runThread("throw new RangeError('of the thread')", undefined);
  assert(exit.error instanceof Error);
  assertEquals([exit.error.message, exit.signal], ["of the thread", undefined]);
});

test("startThread() can end a waiting thread", async () => {
  const body = "parentPort.on('message', () => {}); parentPort.postMessage('up');";
  const { messages, exit } = await runThread(body, undefined, (port) => port.terminate());
  assertEquals([messages, exit.signal, exit.error], [["up"], undefined, undefined]);
});

test("startProcess() delivers all output from before a process ended", async () => {
  const body = "for (let i = 0; i < 2000; i++) fs.writeSync(4, 'x'.repeat(99) + '\\n'); process.exit(5);";
  const { text, exit, pid } = await runProcess(body);
  assertEquals([text.length, exit.code, exit.signal, exit.error], [200_000, 5, undefined, undefined]);
  assertGreater(pid!, 0);
});

test("startProcess() writes to a process and sets its environment", async () => {
  const body = `fs.writeSync(4, (process.env.${BODY} !== undefined) + " ");
    const bytes = new Uint8Array(4);
    for (let read = 0; read < 4;) read += fs.readSync(3, bytes, read, 4 - read);
    fs.writeSync(4, bytes);
    process.exit(0);`;
  let asked = false;
  const { text, exit } = await runProcess(body, (port) => {
    if (!asked) port.write([new TextEncoder().encode("pi"), new TextEncoder().encode("ng")]);
    asked = true;
  });
  assertEquals([text, exit.code], ["true ping", 0]);
});

test("startProcess() reports the signal that ended a process, and ignores later writes", async () => {
  let port: ProcessPort | undefined;
  const { exit } = await runProcess("setInterval(() => {}, 1000); fs.writeSync(4, 'up');", (given) => {
    port = given;
    given.kill("SIGKILL");
  });
  assertEquals([exit.code, exit.signal], [undefined, "SIGKILL"]);
  port!.write([new Uint8Array(10)]);
  port!.close();
  port!.kill("SIGKILL");
});

test("startProcess() keeps the end of standard error", async () => {
  const { exit } = await runProcess("fs.writeSync(2, 'last words of a test\\n'); process.exit(1);");
  assertEquals([exit.code, exit.stderr], [1, "last words of a test\n"]);
});

test("contextStore() follows the async context", async () => {
  const store = runtime.contextStore<number>();
  assertEquals(store.getStore(), undefined);
  assertEquals(await store.run(1, async () => [store.getStore(), await null, store.getStore()]), [1, null, 1]);
  assertEquals(store.getStore(), undefined);
});

test("defer() runs functions in later turns, in order", async () => {
  const order: string[] = [];
  const done = new Promise<void>((resolve) => {
    runtime.defer(() => order.push("first"));
    runtime.defer(() => resolve(void order.push("second")));
  });
  await null;
  order.push("this turn");
  await done;
  assertEquals(order, ["this turn", "first", "second"]);
});

test("memory() returns the memory of this process or thread", () => {
  for (const scope of ["thread", "process"] as const) assertGreater(runtime.memory(scope), 1 << 20);
});

test("memory() of a thread grows with its allocations", { skip: COUNTS_LATE }, () => {
  const before = runtime.memory("thread");
  const held = new Uint8Array(64 << 20).fill(1);
  assertGreater(runtime.memory("thread") - before, 32 << 20);
  assertEquals(held.length, 64 << 20);
});

test("parallelism is the number of threads that can run at once", () => {
  assert(Number.isInteger(runtime.parallelism) && runtime.parallelism >= 1);
});

test("publish() creates its message only for listeners", () => {
  const heard: unknown[] = [];
  let made = 0;
  const message = () => ({ number: ++made });
  const listener = (value: unknown) => void heard.push(value);
  runtime.publish("heddle:worker", message);
  assert(!runtime.watched("heddle:worker"));
  subscribe("heddle:worker", listener);
  assert(runtime.watched("heddle:worker"));
  runtime.publish("heddle:worker", message);
  unsubscribe("heddle:worker", listener);
  runtime.publish("heddle:worker", message);
  assertEquals([made, heard], [1, [{ number: 1 }]]);
});
