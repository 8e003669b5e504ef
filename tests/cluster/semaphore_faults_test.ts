// A semaphore of many machines on a server in memory, where each program has a clock of its own: killed, frozen,
// skewed.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Throttle } from "../../mod.ts";
import { ClusterSemaphore } from "../../src/cluster/mod.ts";
import { fakeEngine } from "../support/cluster/fake_engine.ts";
import { FakeServer } from "../support/cluster/fake_server.ts";
import { settled } from "../support/cluster/rig.ts";
import { ManualClock } from "../support/manual_clock.ts";

const LEASE = 1_000;
const STEP = 25;

/** A server, and programs that each have a semaphore. */
class World {
  readonly clock: ManualClock = new ManualClock();
  readonly server: FakeServer = new FakeServer(this.clock);
  readonly programs: Program[] = [];

  /** Starts a program whose clock differs from the server's. */
  start(permits: number, skew = 0): Program {
    const clock = new ManualClock(skew);
    const engine = fakeEngine(this.server);
    const options = { engine: { ...engine, clock }, connection: {}, lease: LEASE };
    const semaphore = new ClusterSemaphore("shared", permits, options as never);
    const program = { clock, semaphore, worker: engine.workers[0]!, runs: true };
    this.programs.push(program);
    return program;
  }

  /** Lets time pass for all programs that run. */
  async pass(duration: number): Promise<void> {
    for (let left = duration; left > 0; left -= STEP) {
      await settled();
      this.clock.advance(STEP);
      for (const { clock, runs } of this.programs) if (runs) clock.advance(STEP);
    }
    await settled();
  }

  /** The number of held permits, according to the server. */
  get held(): number {
    const [, queue] = [...this.server.queues].find(([name]) => name.includes("permits"))!;
    return [...queue.jobs.values()].filter(({ state }) => state === "active").length;
  }

  async close(): Promise<void> {
    for (const program of this.programs) program.runs = true;
    const closed = Promise.all(this.programs.map(({ semaphore }) => semaphore.close()));
    await this.pass(3 * LEASE);
    await closed;
  }
}

interface Program {
  readonly clock: ManualClock;
  readonly semaphore: ClusterSemaphore;
  readonly worker: { freeze(): void; thaw(): void; kill(): void };
  /** Whether time passes for it. */
  runs: boolean;
}

test("fault 8: the permit of a frozen program goes to another, and its signal fires when the program goes on", async () => {
  const world = new World();
  const [frozen, other] = [world.start(1), world.start(1)];
  const permit = await frozen.semaphore.acquire();
  frozen.runs = false;
  let second: { release(): void } | undefined;
  void other.semaphore.acquire().then((granted) => second = granted);
  await world.pass(LEASE / 2);
  assertEquals(second, undefined);
  await world.pass(2 * LEASE);
  assert(second !== undefined);
  assertEquals([permit.signal.aborted, world.held], [false, 1]);
  frozen.clock.advance(3 * LEASE);
  assertEquals(permit.signal.aborted, true);
  // A late release has no effect, as the permit was lost.
  permit.release();
  await settled();
  assertEquals(world.held, 1);
  second.release();
  await world.close();
});

test("fault 9: a clock that is 5 s off changes nothing", async () => {
  const world = new World();
  const programs = [world.start(2), world.start(2, 5_000)];
  const [one, two] = await Promise.all(programs.map(({ semaphore }) => semaphore.acquire()));
  let third: { release(): void } | undefined;
  void programs[1]!.semaphore.acquire().then((granted) => third = granted);
  for (let i = 0; i < 10; i++) {
    await world.pass(LEASE);
    assertEquals([one!.signal.aborted, two!.signal.aborted, third, world.held], [false, false, undefined, 2]);
  }
  one!.release();
  await world.pass(STEP);
  assert(third !== undefined);
  third.release();
  two!.release();
  await world.close();
});

test("fault 10: three programs hold five permits while one is killed and one is frozen, and all callers are served", async () => {
  const world = new World();
  const programs = [world.start(5), world.start(5), world.start(5)];
  const served = programs.map(() => 0);
  let [longest, most, over] = [0, 0, false];
  const call = async ({ semaphore, clock }: Program, i: number) => {
    while (!over) {
      const asked = world.clock.now();
      const permit = await semaphore.acquire();
      if (i === 0) longest = Math.max(longest, world.clock.now() - asked);
      served[i]!++;
      await new Promise<void>((resolve) => clock.startTimer(2 * STEP, resolve));
      permit.release();
    }
  };
  const calls = programs.map((program, i) => Promise.all(Array.from({ length: 6 }, () => call(program, i))));
  const watch = async (duration: number) => {
    for (let left = duration; left > 0; left -= STEP) {
      await world.pass(STEP);
      most = Math.max(most, world.held);
    }
  };
  await watch(5 * LEASE);
  programs[1]!.runs = false;
  programs[1]!.worker.kill();
  await watch(5 * LEASE);
  programs[2]!.runs = false;
  programs[2]!.worker.freeze();
  await watch(5 * LEASE);
  programs[2]!.runs = true;
  programs[2]!.worker.thaw();
  const [before] = served.slice(-1);
  await watch(5 * LEASE);
  over = true;
  await world.pass(10 * LEASE);
  await Promise.all([calls[0], calls[2]]);
  // The callers of the program that was killed wait until its semaphore is closed.
  calls[1]!.catch(() => {});
  assertEquals(most, 5);
  assert(served[2]! > before!, "The program that was frozen goes on");
  assert(longest <= 3 * LEASE, `A caller waited for ${longest} ms`);
  await world.close();
});

test("Throttle.run() over a ClusterSemaphore tells a call that its lease is lost", async () => {
  const world = new World();
  const { semaphore } = world.start(1);
  const throttle = new Throttle({ semaphore });
  let signal: AbortSignal | undefined;
  let end = () => {};
  const run = throttle.run((given) => {
    signal = given;
    return new Promise<void>((resolve) => end = resolve);
  });
  while (signal === undefined) await settled();
  await world.pass(3 * LEASE);
  assertEquals(signal.aborted, false);
  world.server.drop();
  await world.pass(LEASE);
  assertEquals(signal.aborted, true);
  world.server.raise();
  end();
  await run;
  throttle.close();
  await world.close();
});
