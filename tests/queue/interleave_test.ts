// Plays all events of three producers and consumers in every order, and compares the queue with an array.

import { test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import { QueueEmptyError, QueueFullError, QueueShutDownError } from "../../src/core/errors.ts";
import { Queue, useClock } from "../../src/queue/queue.ts";
import { type Model, playAll, type Player } from "../support/interleave.ts";
import { scaled } from "../support/long_run.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { countingSignal } from "../support/signals.ts";
import { SLOW_TEST_LIMIT } from "../support/timing.ts";

const ACTORS = 3;
/** The number of events in a sequence. */
const LENGTH = scaled(5, 6);
/** The duration of a tick of the clock. */
const TICK = 10;
/** No signal, and no timeout. */
const NONE = -1, NEVER = Infinity;

/** For each actor the tick of its timeout and the index of its signal; and the initial items. */
interface Setting {
  readonly dues: readonly number[];
  readonly signals: readonly number[];
  readonly before: readonly number[];
}

/**
 * The next actor puts its number or gets, an outsider does so without waiting, a tick passes, a signal aborts, or the
 * queue shuts down.
 */
type Op = "put" | "get" | "tryPut" | "tryGet" | "tick" | "shutdown" | "immediate" | { abort: number };

interface State {
  readonly acted: number;
  readonly items: readonly number[];
  readonly getters: readonly number[];
  readonly putters: readonly number[];
  readonly time: number;
  readonly aborted: readonly number[];
  readonly shut: boolean;
  readonly unfinished: number;
  /** The number of operations by outsiders. */
  readonly others: number;
  readonly ends: readonly string[];
}

/** The item that outsiders put; the queue has room for one item. */
const OTHER = 9;

/** The model of the queue, based on arrays. */
function modelOf({ dues, signals, before }: Setting): Model<State, Op> {
  const start = {
    ...{ acted: 0, items: before, getters: [], putters: [], time: 0, aborted: [] },
    ...{ shut: false, unfinished: before.length, others: 0, ends: [] },
  };
  return { start, choices, after };

  function after(state: State, op: Op): State {
    if (typeof op === "object") {
      const gone = waiting(state).filter((id) => signals[id] === op.abort);
      return leave({ ...state, aborted: [...state.aborted, op.abort] }, gone, "aborted");
    }
    switch (op) {
      case "tick": {
        const time = state.time + 1;
        return leave({ ...state, time }, waiting(state).filter((id) => dues[id] === time), "late");
      }
      case "tryPut":
        return serve({ ...put(state, OTHER), others: state.others + 1 });
      case "tryGet":
        return serve({ ...state, items: state.items.slice(1), others: state.others + 1 });
      case "shutdown":
        return leave({ ...state, shut: true }, waiting(state), "shut");
      case "immediate": {
        const unfinished = state.unfinished - state.items.length;
        return leave({ ...state, shut: true, items: [], unfinished }, waiting(state), "shut");
      }
      default:
        return act({ ...state, acted: state.acted + 1 }, state.acted, op);
    }
  }

  function act(state: State, id: number, op: "put" | "get"): State {
    const possible = op === "get" ? state.items.length > 0 : state.items.length === 0;
    const refused = state.shut && !(op === "get" && possible);
    const joined = op === "get"
      ? { ...state, getters: [...state.getters, id] }
      : { ...state, putters: [...state.putters, id] };
    if (state.aborted.includes(signals[id]!)) return leave(joined, [id], "aborted");
    if (refused) return leave(joined, [id], "shut");
    return !possible && dues[id]! <= state.time ? leave(joined, [id], "late") : serve(joined);
  }

  function put(state: State, item: number): State {
    return { ...state, items: [...state.items, item], unfinished: state.unfinished + 1 };
  }

  function serve(state: State): State {
    const [item] = state.items;
    const [getter, ...getters] = state.getters;
    const [putter, ...putters] = state.putters;
    if (getter !== undefined && item !== undefined) {
      return serve({ ...state, items: state.items.slice(1), getters, ends: [...state.ends, `${getter} got ${item}`] });
    }
    if (putter === undefined || item !== undefined) return state;
    return serve(put({ ...state, putters, ends: [...state.ends, `${putter} put`] }, putter));
  }

  function leave(state: State, gone: readonly number[], why: string): State {
    const stays = (id: number) => !gone.includes(id);
    const ends = [...state.ends, ...gone.map((id) => `${id} ${why}`)];
    return { ...state, getters: state.getters.filter(stays), putters: state.putters.filter(stays), ends };
  }

  function choices(state: State): Op[] {
    const { acted, time, aborted, shut, items, others } = state;
    if (acted === ACTORS && waiting(state).length === 0) return [];
    const acts: Op[] = acted < ACTORS ? ["put", "get"] : [];
    const open = [...new Set(signals)].filter((signal) => signal !== NONE && !aborted.includes(signal));
    const last = Math.max(...dues.filter((due) => due !== NEVER), 0);
    return [
      ...acts,
      ...open.map((abort) => ({ abort })),
      ...(time < last ? ["tick" as const] : []),
      ...(shut ? [] : ["shutdown" as const, "immediate" as const]),
      ...(others > 0 || shut ? [] : [items.length > 0 ? "tryGet" as const : "tryPut" as const]),
    ];
  }
}

function waiting({ getters, putters }: State): number[] {
  return [...getters, ...putters];
}

/** The real queue. */
function realOf({ dues, signals: under, before }: Setting): Player<State, Op> {
  const queue = new Queue<number>(1);
  const clock = new ManualClock();
  useClock(queue, clock);
  for (const item of before) queue.tryPut(item);
  const signals = under.filter((signal) => signal !== NONE).map(() => countingSignal());
  const ends: string[] = [];
  let acted = 0;
  return { step, check, end };

  function act(op: "put" | "get"): void {
    const id = acted++;
    const options = { timeout: Math.max(0, dues[id]! * TICK - clock.now()), signal: signals[under[id]!]?.signal };
    const wait = op === "put" ? queue.put(id, options) : queue.get(options);
    wait.then(
      (value) => ends.push(op === "put" ? `${id} put` : `${id} got ${value}`),
      (error) => ends.push(`${id} ${error === "aborted" ? error : why(op, id, error)}`),
    );
  }

  async function step(op: Op): Promise<void> {
    if (typeof op === "object") signals[op.abort]!.controller.abort("aborted");
    else if (op === "tick") clock.advance(TICK);
    else if (op === "tryPut") queue.tryPut(OTHER);
    else if (op === "tryGet") queue.tryGet();
    else if (op === "shutdown" || op === "immediate") queue.shutdown({ immediate: op === "immediate" });
    else act(op);
    // After one microtask turn, all settled waits have called back.
    await undefined;
  }

  function check(expected: State): void {
    assertEquals(ends.toSorted(), expected.ends.toSorted());
    assertEquals([queue.size, queue.unfinished, queue.isShutDown], [
      expected.items.length,
      expected.unfinished,
      expected.shut,
    ]);
    const wait = waiting(expected);
    assertEquals(clock.pending, wait.filter((id) => dues[id] !== NEVER).length);
    // Waiting gets and puts form separate wait queues, each with its own listener.
    const listening = signals.map((_, signal) =>
      [expected.getters, expected.putters].filter((line) => line.some((id) => under[id] === signal)).length
    );
    assertEquals(signals.map(({ listeners }) => listeners()), listening);
  }

  async function end(expected: State): Promise<void> {
    const left: number[] = [];
    const items = [...expected.items, ...expected.putters];
    while (!queue.empty) left.push(queue.tryGet()!);
    assertEquals(left, items);
    queue.shutdown();
    await undefined;
    assertEquals([clock.pending, ...signals.map(({ listeners }) => listeners())], [0, ...signals.map(() => 0)]);
    assertEquals(ends.length, acted);
  }
}

/** Returns why a wait ended early; the error of a put must carry its item. */
function why(op: "put" | "get", id: number, error: unknown): string {
  const value = op === "put" ? id : undefined;
  if (error instanceof QueueShutDownError && error.value === value) return "shut";
  if (op === "put" && error instanceof QueueFullError && error.value === value) return "late";
  if (op === "get" && error instanceof QueueEmptyError) return "late";
  return String(error);
}

const timeout = SLOW_TEST_LIMIT;
const NO_DUES = [NEVER, NEVER, NEVER], NO_SIGNALS = [NONE, NONE, NONE];

const EMPTY: readonly number[] = [], FULL: readonly number[] = [OTHER - 1];

const SETTINGS: [string, Setting][] = [
  ["time runs out for one after the other", { dues: [1, 2, 3], signals: NO_SIGNALS, before: EMPTY }],
  ["time runs out for the last first", { dues: [3, 2, 1], signals: NO_SIGNALS, before: FULL }],
  ["time runs out for all at once", { dues: [1, 1, 1], signals: NO_SIGNALS, before: EMPTY }],
  ["each is under a signal of its own", { dues: NO_DUES, signals: [0, 1, 2], before: EMPTY }],
  ["each is under a signal of its own", { dues: NO_DUES, signals: [0, 1, 2], before: FULL }],
  ["two are under one signal", { dues: NO_DUES, signals: [0, 1, 0], before: EMPTY }],
  ["two are under one signal", { dues: NO_DUES, signals: [0, 0, 1], before: FULL }],
  ["time runs out for those under a signal", { dues: [2, 1, 2], signals: [0, 0, 1], before: FULL }],
];

for (const [what, setting] of SETTINGS) {
  const full = setting.before === FULL ? "full" : "empty";
  test(`Queue that is ${full} at first matches an array when ${what}`, { timeout }, async () => {
    const count = await playAll(modelOf(setting), LENGTH, () => realOf(setting));
    assertGreater(count, scaled(100, 1_000));
  });
}
