// Tests the types of actors, of their calls and of their streams.

import {
  actor,
  type ActorClass,
  type ActorHandle,
  type Future,
  ProcessActor,
  type Stream,
  type Task,
  ThreadActor,
  type ThreadPoolExecutor,
} from "../../mod.ts";
import type { Equal, Expect } from "./expect.ts";

class Base {
  inherited(): Date {
    return new Date();
  }
}

/** Has a method of each kind. */
export class Index extends Base {
  readonly path: string;

  constructor(path: string, size?: number) {
    super();
    this.path = `${path}${size}`;
  }

  get size(): number {
    return 1;
  }

  search(text: string, limit?: number): string[] {
    return [text, `${limit}`];
  }

  async load(): Promise<number> {
    return await 1;
  }

  anything(): unknown {
    return 1;
  }

  then(): string {
    return "";
  }

  *words(from: number): Generator<string> {
    yield `${from}`;
  }

  async *all(): AsyncGenerator<Date> {
    yield await new Date();
  }

  later(): Promise<AsyncIterable<number>> {
    throw new Error();
  }
}

export const index: ActorClass<typeof Index> = actor(import.meta, Index, "index");

class Plain {}
const plain: ActorClass<typeof Plain> = actor(import.meta, Plain);

/** The arguments of the constructor are checked, and required if it needs them. */
export function made(): ActorHandle<typeof Index>[] {
  const thread = new ThreadActor(index, ["a"], { name: "a", concurrency: 2, grace: 1, queueLimit: 1 });
  const process = new ProcessActor(index, ["a", 1] as const, { stdout: "pipe", restart: { maxRestarts: 3 } });
  type _ = [
    Expect<Equal<typeof thread, ThreadActor<typeof Index>>>,
    Expect<Equal<typeof process.result, Future<void>>>,
  ];
  new ThreadActor(plain).start();
  new ThreadActor(plain, [], { daemon: true });
  // @ts-expect-error: the arguments are missing.
  new ThreadActor(index);
  // @ts-expect-error: they are of another type.
  new ProcessActor(index, [1]);
  // @ts-expect-error: a class alone is no actor class.
  new ThreadActor(Index, ["a"]);
  // @ts-expect-error: threads have no directory of their own.
  new ThreadActor(plain, [], { cwd: "/" });
  // @ts-expect-error: there is no such option of a restart.
  new ThreadActor(plain, [], { restart: { times: 1 } });
  return [thread, process, thread.with({ timeout: 1 })];
}

/** Calls and streams are typed by the methods. */
export function called({ call, stream }: ActorHandle<typeof Index>): void {
  const found = call.search("x");
  const loaded = call.load();
  const words = stream.words(1);
  const later = stream.later();
  type _ = [
    Expect<Equal<keyof typeof call, "search" | "load" | "anything" | "inherited">>,
    Expect<Equal<keyof typeof stream, "words" | "all" | "later">>,
    Expect<Equal<typeof found, Future<string[]>>>,
    Expect<Equal<typeof loaded, Future<number>>>,
    Expect<Equal<typeof words, Stream<string>>>,
    Expect<Equal<typeof later, Stream<number>>>,
  ];
  // @ts-expect-error: a wrong argument.
  call.search(5);
  // @ts-expect-error: an argument is missing.
  stream.words();
  // @ts-expect-error: there is no such method.
  call.find("x");
  // @ts-expect-error: it is on stream alone.
  call.words(1);
  // @ts-expect-error: a getter is no method.
  call.size;
}

declare const uses: Task<[ActorHandle<typeof Index>], Promise<number>>;

/** An actor is an argument of a task that takes a handle. */
export function passed(pool: ThreadPoolExecutor): Future<number> {
  const other = new ThreadActor(plain);
  // @ts-expect-error: it is an actor of another class.
  pool.submit(uses, other);
  return pool.submit(uses, new ThreadActor(index, ["a"]));
}
