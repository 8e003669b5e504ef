import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { DeadlockError, SingleFlight, TimeoutError } from "../../src/sync/mod.ts";
import { useFlightClock } from "../../src/sync/single_flight.ts";
import { type Model, playAll } from "../support/interleave.ts";
import { Log, turn } from "../support/log.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { countingSignal } from "../support/signals.ts";

test("SingleFlight.run() shares one call and its result", async () => {
  const flights = new SingleFlight<object>();
  let calls = 0;
  const run = (key: string) =>
    flights.run(key, async () => {
      calls++;
      await null;
      return { key };
    });
  const [a, b, c] = await Promise.all([run("a"), run("a"), run("b")]);
  assertStrictEquals(a, b);
  assertEquals([calls, c], [2, { key: "b" }]);
  assert(await run("a") !== a);
});

test("SingleFlight.run() gives all callers the same error, thrown at once or later", async () => {
  for (const later of [false, true]) {
    const flights = new SingleFlight<void>(), error = new Error("no");
    const fail = () => {
      if (!later) throw error;
      return Promise.reject(error);
    };
    const errors = await Promise.all([1, 2].map(() => flights.run("a", fail).then(() => {}, (error) => error)));
    assertStrictEquals(errors[0], error);
    assertStrictEquals(errors[1], error);
  }
});

test("SingleFlight.run() resolves with undefined if the call does", async () => {
  assertEquals(await new SingleFlight<undefined>().run("a", () => undefined), undefined);
});

test("SingleFlight.run() ends a caller's wait and leaves the call to the others", async () => {
  const flights = new SingleFlight<string>(), clock = new ManualClock(), log = new Log();
  useFlightClock(flights as SingleFlight<unknown>, clock);
  const { promise, resolve } = Promise.withResolvers<string>();
  const { controller, signal, listeners } = countingSignal();
  let ofCall: AbortSignal | undefined;
  const fn = (signal: AbortSignal) => (ofCall = signal, promise);
  log.follow("late", flights.run("a", fn, { timeout: 10 }));
  log.follow("aborted", flights.run("a", fn, { signal }));
  log.follow("patient", flights.run("a", fn));
  clock.advance(10);
  controller.abort(new RangeError("enough"));
  assertEquals(await log.take(), ["late TimeoutError", "aborted RangeError"]);
  assertEquals([ofCall!.aborted, listeners(), clock.pending], [false, 0, 0]);
  resolve("value");
  assertEquals(await log.take(), ["patient value"]);
});

test("SingleFlight.run() aborts a call that its last caller has left, and never joins it again", async () => {
  const flights = new SingleFlight<string>(), clock = new ManualClock(), log = new Log();
  useFlightClock(flights as SingleFlight<unknown>, clock);
  const signals: AbortSignal[] = [];
  const fn = (signal: AbortSignal) => {
    signals.push(signal);
    // A call that ignores its signal continues; its outcome reaches no caller.
    return Promise.reject(new Error("late")).finally(turn);
  };
  log.follow("first", flights.run("a", fn, { timeout: 0.5 }));
  clock.advance(1);
  log.follow("second", flights.run("a", () => Promise.resolve("new")));
  assertEquals([signals.length, signals[0]!.aborted], [1, true]);
  assertEquals(await log.take(), ["first TimeoutError", "second new"]);
});

test("SingleFlight.run() starts no call for a caller that cannot wait", async () => {
  const flights = new SingleFlight<void>();
  const fn = () => {
    throw new Error("called");
  };
  await assertRejects(() => flights.run("a", fn, { timeout: 0 }), TimeoutError);
  await assertRejects(() => flights.run("a", fn, { signal: AbortSignal.abort(new RangeError("enough")) }), RangeError);
  await flights.run("a", () => {});
});

test("SingleFlight.forget() makes the next run() start a new call", async () => {
  const flights = new SingleFlight<number>();
  let calls = 0;
  const run = () => flights.run("a", async () => (await turn(), ++calls));
  const first = run();
  flights.forget("a");
  const second = run(), third = run();
  flights.forget("none");
  assertEquals(await Promise.all([first, second, third]), [1, 2, 2]);
});

test("SingleFlight.run() rejects with DeadlockError within the call of the same key", async () => {
  const flights = new SingleFlight<unknown>();
  const error = await assertRejects(() => flights.run("a", () => flights.run("a", () => {})), DeadlockError, 'key "a"');
  assert(!error.message.endsWith("."));
  await assertRejects(
    () => flights.run("a", async () => (await null, await flights.run("b", () => flights.run("a", () => {})))),
    DeadlockError,
  );
  assertEquals(await flights.run("a", () => flights.run("b", () => 1)), 1);
  assertEquals(await flights.run("a", () => (flights.forget("a"), flights.run("a", () => 2))), 2);
});

test("SingleFlight.run() rejects invalid keys, functions and limits", async () => {
  const flights = new SingleFlight<void>();
  await assertRejects(() => flights.run(1 as never, () => {}), TypeError, "'key'");
  await assertRejects(() => flights.run("a", 1 as never), TypeError, "'fn'");
  await assertRejects(() => flights.run("a", () => {}, { timeout: -1 }), RangeError);
  await assertRejects(() => flights.run("a", () => {}, { timout: 1 } as never), TypeError, "timeout");
});

/** A call: its waiting callers, and whether it can be joined. */
interface Call {
  readonly waits: readonly number[];
  readonly joined: boolean;
  readonly ended: boolean;
  readonly aborted: boolean;
}
interface State {
  readonly calls: readonly Call[];
  readonly callers: number;
  readonly log: readonly string[];
}

test("SingleFlight agrees with a model in every order of five events", async () => {
  const close = (call: Call): Call => ({ ...call, joined: false });
  const model: Model<State, string> = {
    start: { calls: [], callers: 0, log: [] },
    choices: ({ calls }) => [
      "run",
      "run 10",
      ...(calls.some(({ joined }) => joined) ? ["forget"] : []),
      ...(calls.some(({ waits }) => waits.length > 0) ? ["tick"] : []),
      ...calls.flatMap(({ waits }) => waits.map((caller) => `abort ${caller}`)),
      ...calls.flatMap(({ ended }, i) => ended ? [] : [`end ${i}`, `fail ${i}`]),
    ],
    after: ({ calls, callers, log }, op) => {
      const [what, number] = op.split(" ");
      const at = Number(number);
      // Callers with a limit have negative numbers.
      if (what === "run") {
        const id = number === undefined ? callers : -callers - 1;
        const joined = calls.findIndex(({ joined }) => joined);
        const next = joined === -1
          ? [...calls, { waits: [id], joined: true, ended: false, aborted: false }]
          : calls.map((call, i) => i === joined ? { ...call, waits: [...call.waits, id] } : call);
        return { calls: next, callers: callers + 1, log };
      }
      if (what === "forget") return { calls: calls.map(close), callers, log };
      if (what === "end" || what === "fail") {
        const ends = calls[at]!.waits.map((caller) => `${caller} ${what}${at}`);
        const ended = (call: Call): Call => ({ ...close(call), waits: [], ended: true });
        return { calls: calls.map((call, i) => i === at ? ended(call) : call), callers, log: [...log, ...ends] };
      }
      const leaves = (caller: number) => what === "tick" ? caller < 0 : caller === at;
      const gone = calls.flatMap(({ waits }) => waits.filter(leaves));
      const next = calls.map((call) => {
        const waits = call.waits.filter((caller) => !leaves(caller));
        if (waits.length === call.waits.length) return call;
        return waits.length > 0 ? { ...call, waits } : { ...close(call), waits, aborted: true };
      });
      const inOrder = what === "tick" ? gone.sort((a, b) => b - a) : gone;
      return { calls: next, callers, log: [...log, ...inOrder.map((caller) => `${caller} left`)] };
    },
  };
  await playAll(model, 5, () => {
    const flights = new SingleFlight<string>(), clock = new ManualClock();
    useFlightClock(flights as SingleFlight<unknown>, clock);
    const calls: { signal: AbortSignal; ends: PromiseWithResolvers<string> }[] = [];
    const controllers = new Map<number, AbortController>();
    const log: string[] = [];
    let callers = 0;
    return {
      async step(op) {
        const [what, number] = op.split(" ");
        if (what === "run") {
          const id = number === undefined ? callers : -callers - 1;
          callers++;
          const controller = new AbortController();
          controllers.set(id, controller);
          const limits = number === undefined ? {} : { timeout: 10 };
          const call = (signal: AbortSignal) => {
            const ends = Promise.withResolvers<string>();
            calls.push({ signal, ends });
            return ends.promise;
          };
          flights.run("a", call, { signal: controller.signal, ...limits }).then(
            (value) => log.push(`${id} ${value}`),
            (error) => log.push(`${id} ${/^fail\d/.test(error.message) ? error.message : "left"}`),
          );
        } else if (what === "forget") flights.forget("a");
        else if (what === "tick") clock.advance(10);
        else if (what === "abort") controllers.get(Number(number))!.abort();
        else if (what === "end") calls[Number(number)]!.ends.resolve(`end${number}`);
        else calls[Number(number)]!.ends.reject(new Error(`fail${number}`));
        await turn();
      },
      check(expected) {
        assertEquals(log, expected.log);
        assertEquals(calls.map(({ signal }) => signal.aborted), expected.calls.map(({ aborted }) => aborted));
      },
      async end() {
        for (const { ends } of calls) ends.resolve("over");
        await turn();
        assertEquals(clock.pending, 0);
      },
    };
  });
});
