/**
 * An object that lives on a thread of its own.
 *
 * @module
 */

import { pick, printsAs } from "../core/inspect.ts";
import { type OptionNames, optionNames } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import {
  type ActorHandle,
  type CallOptions,
  type Calls,
  makeHandle,
  type Streams,
  travelsAsHandle,
  withOptions,
} from "../futures/actor_handle.ts";
import type { Future } from "../futures/future.ts";
import { ACTOR_OPTIONS, type ActorOptions, ActorOwner } from "../pool/actors/actor_owner.ts";
import { announcerOf, ExecutorTarget } from "../pool/events.ts";
import type { StartArguments } from "../pool/workers/single_worker_options.ts";
import { startThreadWorker } from "../pool/workers/thread_worker.ts";
import { runtime } from "../runtime/mod.ts";
import type { ActorClass, ActorConstructor } from "../task/actor.ts";
import { threadChannel } from "../wire/thread_link.ts";
import { ownThread } from "../worker/identity.ts";

/** Options of an actor on a thread. */
export interface ThreadActorOptions extends ActorOptions {}

const OPTIONS: OptionNames<ThreadActorOptions> = optionNames<ThreadActorOptions>(ACTOR_OPTIONS);

/**
 * An object of a class that lives on a thread of its own and keeps its state. Its methods are called through `call` and
 * `stream`, from here and from any worker that has the actor as an argument.
 *
 * An actor without calls keeps no program alive, and is stopped at the program's end. Without `restart`, an uncaught error
 * or the loss of the thread rejects all calls.
 *
 * **Order.** Calls run one at a time in the order in which they were made, unless `concurrency` is higher. A method that
 * calls its own actor and waits for the answer waits forever, unless `concurrency` allows for it. **Cancellation.** An
 * abort or a timeout rejects a call at once; calls behind it wait until the method has returned. **Cost.** A thread with
 * memory of its own; a call costs as much as a task.
 *
 * @typeParam C the type of the class.
 *
 * @example Keep a count
 * ```ts ignore
 * // counter.ts
 * export class Counter {
 *   #count = 0;
 *   add(n: number): number {
 *     return this.#count += n;
 *   }
 * }
 * export const counter: ActorClass<typeof Counter> = actor(import.meta, Counter, "counter");
 *
 * // main.ts
 * await using actor = new ThreadActor(counter).start();
 * await actor.call.add(2);
 * console.log(await actor.call.add(3)); // 5
 * ```
 */
export class ThreadActor<C extends ActorConstructor> extends ExecutorTarget<"unobserved">
  implements ActorHandle<C>, AsyncDisposable {
  /** The public methods of the class and its bases, except those that return a generator. */
  readonly call: Calls<InstanceType<C>>;
  /** The methods that return a generator. */
  readonly stream: Streams<InstanceType<C>>;
  readonly #owner: ActorOwner;

  static {
    travelsAsHandle(this.prototype);
    printsAs(this, "ThreadActor", (actor) => ({
      name: actor.name,
      state: actor.#owner.state,
      ...pick(actor, ["ident", "daemon"]),
    }));
  }

  /**
   * Creates an actor; `start` starts it.
   *
   * @param cls the class, made by `actor`.
   * @param rest the arguments of the constructor, which are copied at the start, and the options. The arguments may be
   * omitted if the constructor needs none.
   * @throws {TypeError | RangeError} if an argument is not valid.
   */
  constructor(cls: ActorClass<C>, ...rest: StartArguments<ConstructorParameters<C>, ThreadActorOptions>) {
    const [args = [], options = {}] = rest as [args?: unknown, options?: ThreadActorOptions];
    super();
    this.#owner = new ActorOwner(cls, args, options, {
      kind: "ThreadActor",
      known: OPTIONS,
      channel: threadChannel(runtime.movesBuffers),
      inherited: ownThread().daemon,
      announce: announcerOf(this),
      start: ({ name, daemon }, events) => startThreadWorker({ name, daemon }, events),
    });
    const { call, stream } = makeHandle<C>(this, this.#owner);
    this.call = call;
    this.stream = stream;
  }

  /**
   * Settles when the actor has ended: with `undefined` after a graceful end, otherwise with the error of the constructor, a
   * `WorkerLostError`, or past the limit of restarts a `BrokenExecutorError`.
   */
  get result(): Future<void> {
    return this.#owner.result;
  }

  /** Whether the actor was started and has not ended. The value may be stale when it is read. */
  get alive(): boolean {
    return this.#owner.alive;
  }

  /** The number of its thread within this process, from 2 on; undefined before the start. A restart changes it. */
  get ident(): number | undefined {
    return this.#owner.handle?.ident;
  }

  /** The actor's name. */
  get name(): string {
    return this.#owner.name;
  }

  /** Whether the program may end without waiting for calls in progress. */
  get daemon(): boolean {
    return this.#owner.daemon;
  }

  /** Returns a handle whose calls have limits. */
  with(options: CallOptions): ActorHandle<C> {
    return withOptions(this, options);
  }

  /**
   * Starts the thread, which makes the object. Calls made before wait for it.
   *
   * @returns this actor.
   * @throws {InvalidStateError} if the actor was started or stopped before, or while a worker loads the calling module.
   */
  start(): this {
    this.#owner.start();
    return this;
  }

  /**
   * Accepts no more calls, lets accepted ones end, and has the object disposed of within `grace`. Resolves when the
   * thread is gone. An actor that was never started is only closed.
   *
   * **Cancellation.** A wait that ends early leaves nothing behind, and the actor goes on to its end. **Cost.** One
   * promise.
   *
   * @throws {TimeoutError} if the actor does not end in time.
   * @throws the signal's reason if the signal is aborted.
   */
  async stop(options?: WaitOptions): Promise<void> {
    await this.#owner.stop(options);
  }

  /**
   * Waits until the actor has ended, in whatever way. The wait does not keep the program alive.
   *
   * **Order.** All joiners continue together. **Cancellation.** A wait that ends early leaves nothing behind. **Cost.**
   * One promise.
   *
   * @throws {InvalidStateError} before the start.
   * @throws {TimeoutError} if the actor does not end in time; with `timeout: 0`, if it has not ended yet.
   * @throws the signal's reason if the signal is aborted.
   */
  async join(options?: WaitOptions): Promise<void> {
    await this.#owner.join(options);
  }

  /**
   * Ends the thread at once, without disposing of the object; `result` and all calls reject with a `WorkerLostError`. Has
   * no effect on an actor that is not alive.
   *
   * On Deno, a thread that computes without pause cannot be stopped: it counts as ended but continues.
   *
   * @returns a promise that resolves when the actor has ended.
   */
  async terminate(): Promise<void> {
    await this.#owner.kill();
  }

  /** Stops the actor. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The name of the class for printing. */
  get [Symbol.toStringTag](): string {
    return "ThreadActor";
  }
}
