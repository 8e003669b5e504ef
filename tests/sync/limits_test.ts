// Tests the limits of asynchronous and synchronous waits, which are the same for all primitives.

import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { TimeoutError } from "../../src/core/errors.ts";
import type { WaitOptions } from "../../src/core/wait_options.ts";
import { Log, turn } from "../support/log.ts";
import { within } from "../support/poll.ts";
import { countingSignal } from "../support/signals.ts";
import { LONG, PROMPT, SHORT, TEST_LIMIT } from "../support/timing.ts";
import { NOTIFIED, type Stand, type Wait, WAITS } from "./waits.ts";

const ALL: readonly Wait[] = [...WAITS, NOTIFIED];
/** Milliseconds by which a wait may end early, because clocks are rounded. */
const ROUNDING = 2;

const WRONG: readonly [WaitOptions, typeof RangeError | typeof TypeError, string][] = [
  [{ timeout: -1 }, RangeError, "'timeout'"],
  [{ timeout: NaN }, RangeError, "'timeout'"],
  [{ timeout: -Infinity }, RangeError, "'timeout'"],
  [{ timeout: "5" as never }, TypeError, "'timeout'"],
  [{ timeout: null as never }, TypeError, "'timeout'"],
  [{ timeout: 5n as never }, TypeError, "'timeout'"],
  [{ signal: {} as never }, TypeError, "'signal'"],
  [{ signal: null as never }, TypeError, "'signal'"],
  [5 as never, TypeError, "'options'"],
  [null as never, TypeError, "'options'"],
];

/** Registers a test for each kind of wait. */
function each(waits: readonly Wait[], behaviour: string, fn: (kind: Wait) => Promise<void>): void {
  for (const kind of waits) test(`${kind.name} ${behaviour}`, { timeout: TEST_LIMIT }, () => fn(kind));
}

/** Asserts that the next wait does not end before `go()`, ends then, and leaves nothing. */
async function assertWorks(stand: Stand): Promise<void> {
  const log = new Log();
  const next = stand.wait();
  log.follow("next", next.then(() => undefined));
  assertEquals(await log.take(), []);
  stand.go();
  await within("the next", next);
  assert(stand.clean(), "something is left behind");
}

/** Asserts the same after a failed wait. */
async function assertWorksAgain(stand: Stand): Promise<void> {
  stand.restart?.();
  await assertWorks(stand);
}

/** Returns the reason of a rejection. */
function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => "it was not rejected", (reason) => reason);
}

each(ALL, "rejects limits of the wrong kind, and changes nothing", async ({ open }) => {
  const stand = await open();
  for (const [options, errorClass, text] of WRONG) {
    const rejected = await assertRejects(() => stand.wait(options), errorClass);
    const thrown = assertThrows(() => stand.waitSync(options), errorClass);
    for (const { message } of [rejected, thrown]) assertStringIncludes(message, text);
  }
  await assertWorks(stand);
});

each(ALL, "rejects with a TimeoutError after its timeout, and leaves nothing", async ({ open }) => {
  const stand = await open();
  const start = performance.now();
  const error = await assertRejects(() => stand.wait({ timeout: SHORT }), TimeoutError);
  const elapsed = performance.now() - start;
  assertGreaterOrEqual(elapsed, SHORT - ROUNDING);
  assertLess(elapsed, SHORT + PROMPT);
  assertMatch(error.message, /^Cannot .* within 50 ms$/);
  await assertWorksAgain(stand);
});

each(ALL, "throws a TimeoutError after its timeout in the synchronous form", async ({ open }) => {
  const stand = await open();
  const start = performance.now();
  const error = assertThrows(() => stand.waitSync({ timeout: SHORT }), TimeoutError);
  const elapsed = performance.now() - start;
  assertGreaterOrEqual(elapsed, SHORT - ROUNDING);
  assertLess(elapsed, SHORT + PROMPT);
  assertMatch(error.message, /^Cannot .* within 50 ms$/);
  await assertWorksAgain(stand);
});

each(ALL, "with a timeout of 0 fails at once, and leaves nothing", async ({ open }) => {
  const stand = await open();
  const rejected = await assertRejects(() => stand.wait({ timeout: 0 }), TimeoutError);
  stand.restart?.();
  const thrown = assertThrows(() => stand.waitSync({ timeout: 0 }), TimeoutError);
  for (const { message } of [rejected, thrown]) assertMatch(message, /^Cannot .* within 0 ms$/);
  await assertWorksAgain(stand);
});

each(WAITS, "with a timeout of 0 succeeds if it need not wait", async ({ openFree }) => {
  const stand = await openFree();
  await stand.wait({ timeout: 0 });
  stand.waitSync({ timeout: 0 });
  assert(stand.clean());
});

each(ALL, "rejects with the reason of an already aborted signal, even if it need not wait", async (kind) => {
  const [taken, free] = [await kind.open(), await kind.openFree()];
  for (const stand of [taken, free]) {
    for (const reason of [new Error("enough"), "text", null, 0]) {
      const { controller, signal, listeners } = countingSignal();
      controller.abort(reason);
      assertStrictEquals(await reasonOf(stand.wait({ signal, timeout: 0 })), reason);
      const inSync = new Promise((resolve) => resolve(stand.waitSync({ signal, timeout: SHORT })));
      assertStrictEquals(await reasonOf(inSync), reason);
      assertEquals(listeners(), 0);
    }
  }
  await assertWorks(taken);
  if (kind !== NOTIFIED) assert(free.clean());
});

each(ALL, "rejects with the reason of an abort, and leaves nothing", async ({ open }) => {
  const stand = await open();
  const { controller, signal, listeners } = countingSignal();
  const reason = { why: "enough" };
  const waiting = reasonOf(stand.wait({ signal, timeout: LONG }));
  await turn();
  assertEquals(listeners(), 1);
  controller.abort(reason);
  assertStrictEquals(await within("the abort", waiting), reason);
  assertEquals(listeners(), 0);
  await assertWorksAgain(stand);
});

each(ALL, "rejects with the signal's default reason if none was given", async ({ open }) => {
  const timed = await open();
  const late = await within("the signal", reasonOf(timed.wait({ signal: AbortSignal.timeout(5) })));
  assertEquals((late as Error).name, "TimeoutError");
  const aborted = await open();
  const controller = new AbortController();
  const waiting = reasonOf(aborted.wait({ signal: controller.signal }));
  await turn();
  controller.abort();
  assertEquals(((await waiting) as Error).name, "AbortError");
});

each(ALL, "leaves no listener on its signal, however it ends", async ({ open }) => {
  const { controller, signal, listeners } = countingSignal();
  const [granted, late, aborted] = [await open(), await open(), await open()];
  const passing = granted.wait({ signal, timeout: LONG });
  await turn();
  granted.go();
  await within("the grant", passing);
  assertEquals(listeners(), 0);
  await assertRejects(() => late.wait({ signal, timeout: 1 }), TimeoutError);
  assertEquals(listeners(), 0);
  const failing = reasonOf(aborted.wait({ signal }));
  await turn();
  assertEquals(listeners(), 1);
  controller.abort("gone");
  assertEquals([await failing, listeners()], ["gone", 0]);
});

each(ALL, "shares a signal with a thousand other waits, and all are aborted at once", async ({ open }) => {
  const { controller, signal, listeners } = countingSignal();
  const stands = await Promise.all(Array.from({ length: 1000 }, () => open()));
  const granted = stands.map((stand) => stand.wait({ signal }));
  await turn();
  assertEquals(listeners(), 1000);
  for (const stand of stands) stand.go();
  await within("the grants", Promise.all(granted));
  assertEquals(listeners(), 0);
  const others = await Promise.all(Array.from({ length: 1000 }, () => open()));
  const reasons = Promise.all(others.map((stand) => reasonOf(stand.wait({ signal }))));
  await turn();
  controller.abort("gone");
  assertEquals([[...new Set(await reasons)], listeners()], [["gone"], 0]);
});

each(ALL, "settles once: an abort or timeout right after the grant has no effect", async ({ open }) => {
  const stand = await open();
  const { controller, signal } = countingSignal();
  const waiting = stand.wait({ signal, timeout: SHORT });
  await turn();
  stand.go();
  controller.abort("too late");
  await within("the grant", waiting);
  assert(stand.clean());
});

each(ALL, "accepts the longest timeouts", async ({ open }) => {
  for (const timeout of [2 ** 31, 2 ** 53, Number.MAX_VALUE, Infinity]) {
    const { controller, signal } = countingSignal();
    const stand = await open();
    const waiting = reasonOf(stand.wait({ timeout, signal }));
    await turn();
    controller.abort("enough");
    assertEquals(await waiting, "enough");
  }
});
