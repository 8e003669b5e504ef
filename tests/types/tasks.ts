// Tests the types of tasks, and of their submission.

import { type Future, inline, type InlineExecutor, type Task, task, type TaskOf, tasksFrom } from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";

declare const pool: InlineExecutor;
declare function parse(text: string): number;
declare function parse(bytes: Uint8Array): bigint;
declare function first<T>(items: readonly T[]): T;
declare function isText(value: unknown): value is string;

const isPrime: Task<[n: number], boolean> = task(import.meta, (n) => n > 1);
const generic: TaskOf<typeof first> = task(import.meta, first);
const overloaded: TaskOf<typeof parse> = task(import.meta, parse);

/** A plain task is just a `Task`, whether it returns a promise or not, and whatever its parameters are. */
export function plain(): void {
  const odd = task(import.meta, (n: number): boolean => n % 2 === 1);
  const pad = task(import.meta, async (text: string, width?: number, ..._: Date[]) => await text.padEnd(width ?? 8));
  const padded = pool.map(pad, ["a"]);
  const told = task<[number], string>(import.meta, (n) => n.toFixed());
  type _ = [
    Expect<Equal<typeof odd, Task<[n: number], boolean>>>,
    Expect<Equal<typeof pad, Task<[text: string, width?: number, ..._: Date[]], Promise<string>>>>,
    Expect<Equal<Awaited<typeof padded>, string[]>>,
    Expect<Equal<typeof told, Task<[number], string>>>,
    Expect<Equal<TaskOf<(n: number) => boolean>, Task<[n: number], boolean>>>,
  ];
}
export function wrap<A extends unknown[], R>(fn: (...args: A) => R): Task<A, R> {
  return task(import.meta, fn);
}

/** A generic task, an overloaded one and a type predicate keep their signature in place. */
export function inPlace(value: unknown): string {
  const word = generic(["a"]);
  const [small, large] = [overloaded("1"), overloaded(new Uint8Array())];
  const sent = inline(<T>(items: T[]): T[] => items)([7]);
  const made = task(import.meta, first);
  type _ = [
    Expect<Equal<typeof word, string>>,
    Expect<Equal<[typeof small, typeof large], [number, bigint]>>,
    Expect<Equal<typeof sent, number[]>>,
    Expect<Equal<typeof made, TaskOf<typeof first>>>,
  ];
  return task(import.meta, isText)(value) ? value : word;
}

/** Submitting checks the arguments and infers the result. */
export function submitted(): void {
  const prime = pool.submit(isPrime, 7);
  const named = pool.submit(generic<string>, ["a"]);
  const chosen = pool.submit(overloaded as Task<[string], number>, "1");
  const last = pool.submit(overloaded, new Uint8Array());
  type _ = [
    Expect<Equal<typeof prime, Future<boolean>>>,
    Expect<Equal<typeof named, Future<string>>>,
    Expect<Equal<typeof chosen, Future<number>>>,
    Expect<Equal<typeof last, Future<bigint>>>,
  ];
  // @ts-expect-error: the argument is of another type.
  pool.submit(isPrime, "7");
  // @ts-expect-error: an argument is missing.
  pool.submit(isPrime);
  // @ts-expect-error: there is one argument too many.
  pool.submit(isPrime, 7, 8);
  // @ts-expect-error: a function is no task.
  pool.submit((n: number) => n, 7);
  // @ts-expect-error: there is no such overload.
  pool.submit(overloaded as Task<[Date], number>, new Date());
  // @ts-expect-error: the items are of another type.
  pool.map(isPrime, ["7"]);
  // @ts-expect-error: one item lacks an argument.
  pool.starmap(isPrime, [[1], []]);
}

/**
 * Documents a limit of TypeScript: it selects neither type parameters nor an overload by the arguments after a task. It
 * does so only for plain function types, and a task has members besides its signature.
 */
export function impossible(): void {
  const unnamed = pool.submit(generic, ["a"]);
  // @ts-expect-error: only the last overload is seen.
  pool.submit(overloaded, "1");
  type _ = [Expect<Equal<typeof unnamed, Future<unknown>>>];
}

interface Work {
  first: typeof first;
  isPrime: (n: number) => Promise<boolean>;
  limit: number;
}

/** Tasks of another module have the same types as those of this one. */
export function remote(): void {
  const work = tasksFrom<Work>("file:///work.ts");
  const [prime, day] = [pool.submit(work.isPrime, 7), pool.submit(work.first<Date>, [new Date()])];
  type _ = [
    Expect<Equal<keyof typeof work, "first" | "isPrime">>,
    Expect<Equal<typeof work.isPrime, Task<[n: number], Promise<boolean>>>>,
    Expect<Equal<[typeof prime, typeof day], [Future<boolean>, Future<Date>]>>,
  ];
}

/** The link of a chain takes the result of the previous future. */
export function chained(): void {
  const link = pool.submit(isPrime, 7).thenSubmit(pool, inline((found: boolean, n: number) => found ? n : "none"), 2);
  type _ = [Expect<Equal<typeof link, Future<number | "none">>>];
  // @ts-expect-error: the next task takes something else.
  pool.submit(isPrime, 7).thenSubmit(pool, isPrime);
}
