// Simulates a user of shared memory that dies at its n-th access, or is interrupted there by another user.
//
// After a death every access fails, so that cleanup code has no effect, as if the thread had been terminated. The
// global `Atomics` is replaced to intercept atomic operations; the real one is used on the real memory.

import type { Region } from "../../src/queue/shared/region.ts";

const REAL = globalThis.Atomics;

/** Thrown at the access where the thread would die. */
export class Death extends Error {}

/** Counts the remaining accesses. */
interface Life {
  left: number;
  /** Called instead of a death. */
  interrupt: (() => void) | undefined;
}

/** Called where a thread would fall asleep. */
type OnSleep = (cells: Int32Array, index: number) => void;

const targets = new WeakMap<object, { target: Int32Array; life: Life }>();

/** A user of memory that other users share. */
export class Mortal {
  readonly #life: Life = { left: Infinity, interrupt: undefined };
  readonly region: Region;

  constructor(region: Region) {
    this.region = {
      cells: this.#wrap(region.cells),
      numbers: this.#wrap(region.numbers),
      bytes: this.#wrap(region.bytes),
      pieceSize: region.pieceSize,
      capacity: region.capacity,
      maxSize: region.maxSize,
      place: (piece: number) => region.place(piece),
    } as unknown as Region;
  }

  /** Runs a function up to its n-th access; returns whether the function completed. */
  die(n: number, fn: () => void): boolean {
    this.#life.left = n;
    globalThis.Atomics = replacement();
    try {
      fn();
      return true;
    } catch (error) {
      if (error instanceof Death) return false;
      throw error;
    } finally {
      globalThis.Atomics = REAL;
    }
  }

  /** Runs a function, and another one at its n-th access; returns whether that access was reached. */
  interrupt(n: number, between: () => void, fn: () => void, onSleep: OnSleep): boolean {
    let came = false;
    const life = this.#life;
    life.left = n;
    life.interrupt = () => {
      life.left = Infinity;
      came = true;
      between();
    };
    globalThis.Atomics = replacement(onSleep);
    try {
      fn();
      return came;
    } finally {
      globalThis.Atomics = REAL;
      life.interrupt = undefined;
    }
  }

  #wrap<A extends Int32Array | Float64Array | Uint8Array>(array: A): A {
    const life = this.#life;
    const proxy = new Proxy(array, {
      get(target, key) {
        step(life);
        const value = Reflect.get(target, key, target) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
      set(target, key, value) {
        step(life);
        return Reflect.set(target, key, value, target);
      },
    });
    targets.set(proxy, { target: array as Int32Array, life });
    return proxy;
  }
}

function step(life: Life): void {
  if (life.left <= 0) {
    if (life.interrupt === undefined) throw new Death();
    life.interrupt();
  }
  life.left--;
}

/** Returns the atomic operations of locks, for memory that may be wrapped. */
function replacement(onSleep?: OnSleep): typeof Atomics {
  const names = ["load", "store", "add", "exchange", "compareExchange", "notify", "wait"] as const;
  const made: Record<string, unknown> = {};
  for (const name of names) {
    made[name] = (cells: Int32Array, ...args: number[]) => {
      const wrapped = targets.get(cells);
      if (wrapped !== undefined) step(wrapped.life);
      if (name === "wait" && onSleep !== undefined) {
        const [index, value] = args as [number, number];
        if (REAL.load(wrapped?.target ?? cells, index) === value) onSleep(wrapped?.target ?? cells, index);
        return "ok";
      }
      return (REAL[name] as (cells: Int32Array, ...args: number[]) => unknown)(wrapped?.target ?? cells, ...args);
    };
  }
  return made as unknown as typeof Atomics;
}
