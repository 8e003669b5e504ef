// Plays all events of three waiters in every order, and compares the wait queue with an array.

import { test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import { TimeoutError } from "../../src/core/errors.ts";
import { WaitQueue } from "../../src/core/wait_queue.ts";
import { type Model, permutations, playAll, type Player } from "../support/interleave.ts";
import { scaled } from "../support/long_run.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { countingSignal } from "../support/signals.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const WAITERS = 3;
/** The number of events in a sequence. */
const LENGTH = scaled(5, 6);
/** The duration of a tick of the clock. */
const TICK = 10;
/** No signal, and no timeout. */
const NONE = -1, NEVER = Infinity;

/** For each waiter the tick of its timeout, and the index of its signal. */
interface Setting {
  readonly dues: readonly number[];
  readonly signals: readonly number[];
}

/** The next waiter joins, permits are granted, a signal is aborted, or a tick passes. */
type Op = { join: number } | { grant: number } | { abort: number } | "tick";

interface Waiter {
  readonly id: number;
  readonly count: number;
}

interface State {
  readonly joined: number;
  readonly line: readonly Waiter[];
  readonly permits: number;
  readonly time: number;
  readonly aborted: readonly number[];
  readonly granted: readonly number[];
  readonly rejected: readonly string[];
}

/** The model of the wait queue, based on arrays. */
function modelOf({ dues, signals }: Setting): Model<State, Op> {
  const start = { joined: 0, line: [], permits: 0, time: 0, aborted: [], granted: [], rejected: [] };
  return { start, choices, after };

  function after(state: State, op: Op): State {
    if (op === "tick") {
      const next = { ...state, time: state.time + 1 };
      return state.line.filter(({ id }) => dues[id] === next.time).reduce((now, late) => expire(now, late.id), next);
    }
    if ("grant" in op) return serve({ ...state, permits: state.permits + op.grant });
    if ("abort" in op) {
      const gone = state.line.filter(({ id }) => signals[id] === op.abort);
      const next: State = { ...state, aborted: [...state.aborted, op.abort] };
      return serve(gone.reduce((now, { id }) => leave(now, id, "aborted"), next));
    }
    const id = state.joined;
    const next = { ...state, joined: id + 1, line: [...state.line, { id, count: op.join }] };
    if (state.aborted.includes(signals[id]!)) return leave(next, id, "aborted");
    return dues[id]! <= state.time ? leave(next, id, "late") : serve(next);
  }

  function expire(state: State, id: number): State {
    return state.line.some((waiter) => waiter.id === id) ? serve(leave(state, id, "late")) : state;
  }

  function leave(state: State, id: number, why: string): State {
    const line = state.line.filter((waiter) => waiter.id !== id);
    return { ...state, line, rejected: [...state.rejected, `${id} ${why}`] };
  }

  function serve(state: State): State {
    const [head, ...line] = state.line;
    if (head === undefined || head.count > state.permits) return state;
    return serve({ ...state, line, permits: state.permits - head.count, granted: [...state.granted, head.id] });
  }

  function choices({ joined, line, permits, time, aborted }: State): Op[] {
    if (joined === WAITERS && line.length === 0) return [];
    const joins = joined < WAITERS ? [1, 2].map((join) => ({ join })) : [];
    const grants = permits < 2 ? [1, 2].map((grant) => ({ grant })) : [];
    const open = [...new Set(signals)].filter((signal) => signal !== NONE && !aborted.includes(signal));
    const last = Math.max(...dues.filter((due) => due !== NEVER), 0);
    return [...joins, ...grants, ...open.map((abort) => ({ abort })), ...(time < last ? ["tick" as const] : [])];
  }
}

/** The real wait queue. */
function realOf(setting: Setting): Player<State, Op> {
  const clock = new ManualClock();
  const signals = setting.signals.filter((signal) => signal !== NONE).map(() => countingSignal());
  const granted: number[] = [];
  const rejected: string[] = [];
  let joined = 0;
  let permits = 0;
  /** The number of grants for each waiter; a promise does not reveal a second settlement. */
  let taken = 0;
  const queue: WaitQueue<Waiter, number> = new WaitQueue(clock, "Cannot acquire", serve);
  return { step, check, end };

  function serve(): void {
    queue.admit(({ id, count }) => {
      if (count > permits) return undefined;
      permits -= count;
      taken++;
      return id;
    });
  }

  function join(count: number): void {
    const id = joined++;
    const timeout = Math.max(0, setting.dues[id]! * TICK - clock.now());
    const signal = signals[setting.signals[id]!]?.signal;
    queue.join({ id, count }, { timeout, signal }).then(
      (value) => granted.push(value === id ? id : NaN),
      (error) => rejected.push(`${id} ${error instanceof TimeoutError ? "late" : error}`),
    );
    serve();
  }

  async function step(op: Op): Promise<void> {
    if (op === "tick") clock.advance(TICK);
    else if ("join" in op) join(op.join);
    else if ("abort" in op) signals[op.abort]!.controller.abort("aborted");
    else {
      permits += op.grant;
      serve();
    }
    // After one microtask turn, all settled waits have called back.
    await undefined;
  }

  function check(expected: State): void {
    const { line } = expected;
    assertEquals({ granted, permits, taken }, {
      granted: [...expected.granted],
      permits: expected.permits,
      taken: expected.granted.length,
    });
    assertEquals(rejected.toSorted(), expected.rejected.toSorted());
    assertEquals([queue.size, queue.head?.id], [line.length, line[0]?.id]);
    assertEquals(clock.pending, line.filter(({ id }) => setting.dues[id] !== NEVER).length);
    const listening = signals.map((_, signal) => line.some(({ id }) => setting.signals[id] === signal));
    assertEquals(signals.map(({ listeners }) => listeners()), listening.map(Number));
  }

  async function end({ line, rejected: before, granted: served }: State): Promise<void> {
    queue.rejectAll("over");
    await undefined;
    assertEquals(rejected.slice(before.length), line.map(({ id }) => `${id} over`));
    assertEquals([queue.size, clock.pending, queue.head, granted.length], [0, 0, undefined, served.length]);
    assertEquals(signals.map(({ listeners }) => listeners()), signals.map(() => 0));
  }
}

/** Plays one setting, and asserts that it has enough sequences. */
async function play(setting: Setting): Promise<void> {
  const count = await playAll(modelOf(setting), LENGTH, () => realOf(setting));
  assertGreater(count, scaled(100, 1_000));
}

const timeout = SLOW_TEST_LIMIT;

for (const dues of [...permutations([1, 2, 3]), [1, 1, 1], [2, 1, 1]]) {
  test(
    `WaitQueue matches an array when waits time out at ticks ${dues}`,
    { timeout },
    () => play({ dues, signals: [NONE, NONE, NONE] }),
  );
}

for (const signals of [[0, 1, 2], [0, 1, 0], [0, 0, 1], [0, 1, 1]]) {
  test(
    `WaitQueue matches an array when its waiters have signals ${signals}`,
    { timeout },
    () => play({ dues: [NEVER, NEVER, NEVER], signals }),
  );
}

test(
  "WaitQueue matches an array when waits under a signal time out",
  { timeout },
  () => play({ dues: [2, 1, 2], signals: [0, 1, 0] }),
);
