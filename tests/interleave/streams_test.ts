// Tests a stream in every order of credits, values, and a consumer that takes, leaves or aborts, and with a worker that
// dies.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { StreamBuffer } from "../../src/futures/stream_buffer.ts";
import { Call } from "../../src/worker/call.ts";
import { StreamRun } from "../../src/worker/stream_run.ts";
import { until } from "../support/poll.ts";
import { type Model, sequences } from "../support/interleave.ts";

type Op = "take" | "up" | "down" | "leave" | "abort" | "die";

/** Whether the consumer is still reading, and whether the worker is alive. */
interface State {
  readonly consumer: boolean;
  readonly worker: boolean;
}

const MODEL: Model<State, Op> = {
  start: { consumer: true, worker: true },
  choices: ({ consumer, worker }) => [
    "take",
    "up",
    ...worker ? ["down", "die"] as const : [],
    ...consumer && worker ? ["leave", "abort"] as const : [],
  ],
  after: (state, op) => {
    if (op === "die") return { ...state, worker: false };
    return op === "leave" || op === "abort" ? { ...state, consumer: false } : state;
  },
};

const ENOUGH = 20;

/** Lets all pending promise callbacks run. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < ENOUGH; turns++) await null;
}

/** A stream over a channel whose messages the test delivers in both directions. */
class Channel {
  readonly window: number;
  made = 0;
  finallies = 0;
  taken = 0;
  readonly values: unknown[] = [];
  readonly errors: unknown[] = [];
  pending = 0;
  readonly buffer: StreamBuffer;
  readonly run: StreamRun;
  readonly upward: unknown[][] = [];
  readonly downward: number[] = [];
  #written: unknown[] = [];
  alive = true;
  generatorEnded = false;

  constructor(window: number) {
    this.window = window;
    this.buffer = new StreamBuffer(window, { credit: (count) => this.downward.push(count), stalled: () => {} });
    const call = new Call(1, 1, false, 1, "pool", { progress: () => {} }, 0);
    call.window = window;
    this.run = new StreamRun(call, {
      list: (values) => void this.#written.push(...values),
      one: (value) => void this.#written.push(value),
      flush: () => {
        if (this.alive) this.upward.push(this.#written);
        this.#written = [];
      },
    });
    void this.run.run(this.#generate()).then(() => this.generatorEnded = true);
  }

  *#generate(): Generator<number> {
    try {
      for (;;) yield this.made++;
    } finally {
      this.finallies++;
    }
  }

  play(op: Op): void {
    switch (op) {
      case "take": {
        this.pending++;
        void (this.buffer.take() ?? this.buffer.wait()).then(({ done, value }) => {
          if (done !== true) this.values.push(value), this.taken++;
        }, (error) => this.errors.push(error)).finally(() => this.pending--);
        return;
      }
      case "up": {
        const values = this.upward.shift();
        if (values !== undefined) assert(this.buffer.arrive(values), "no more arrives than there is room for");
        return;
      }
      case "down": {
        const credits = this.downward.shift();
        if (credits === undefined) return;
        if (credits > 0) this.run.grant(credits);
        else this.run.close();
        return;
      }
      case "leave":
        this.buffer.leave();
        this.downward.push(0);
        return;
      case "abort":
        this.buffer.drop("aborted");
        this.buffer.end({ error: "aborted" });
        this.downward.push(0);
        return;
      case "die":
        this.alive = false;
        // Messages that the worker has sent are read before its end.
        while (this.upward.length > 0) this.play("up");
        this.buffer.end({ error: "lost" });
    }
  }
}

async function play(window: number, ops: readonly Op[]): Promise<void> {
  const what = `${window}: ${ops.join(" ")}`;
  const channel = new Channel(window);
  await settled();
  for (const op of ops) {
    channel.play(op);
    await settled();
    assert(channel.made <= channel.taken + window, `${what}: ${channel.made} made, ${channel.taken} taken`);
  }
  const [left, aborted, dead] = ["leave", "abort", "die"].map((op) => ops.includes(op as Op));
  if (left || aborted || dead) {
    while (channel.downward.length > 0 && !dead) channel.play("down");
    await settled();
    // A generator that has run for a whole turn yields to the event loop.
    if (!dead && !channel.generatorEnded) await until(`${what}: it has ended`, () => channel.generatorEnded);
    assertEquals(channel.pending, 0, `${what}: all pending calls are settled`);
    if (!dead) assertEquals([channel.generatorEnded, channel.finallies], [true, 1], `${what}: the generator has ended`);
  } else {
    // A waiting consumer gets a value once everything is delivered.
    for (let left = 4 * ops.length; left > 0; left--) {
      channel.play("up");
      channel.play("down");
      await settled();
      if (left === 1 && channel.pending > 0) {
        await until(`${what}: values have come`, () => (channel.play("up"), channel.pending === 0));
      }
    }
    assertEquals(channel.pending, 0, `${what}: all pending calls are settled`);
  }
  assertEquals(channel.values, Array.from({ length: channel.taken }, (_, n) => n), `${what}: values in order`);
  assert(channel.errors.length <= 1, `${what}: an error is reported once`);
}

for (const window of [1, 2, 3]) {
  test(`StreamBuffer and StreamRun keep order and credits in every order of events, with window ${window}`, async () => {
    for (const steps of sequences(MODEL, 5)) await play(window, steps.map(({ op }) => op));
  });
}
