/**
 * An object that lives in a process of its own.
 *
 * @module
 */

import { pick, printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
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
import { checkProcessOptions, PROCESS_OPTIONS, type ProcessPoolOptions } from "../pool/options.ts";
import { startProcessWorker } from "../pool/workers/process_worker.ts";
import type { StartArguments } from "../pool/workers/single_worker_options.ts";
import type { ActorClass, ActorConstructor } from "../task/actor.ts";
import { processChannel } from "../wire/process_link.ts";
import { ownProcess } from "../worker/identity.ts";
import { type OutputOptions, PipedOutput } from "./piped_output.ts";

/** Options of an actor in a process. */
export interface ProcessActorOptions
  extends ActorOptions, OutputOptions, Pick<ProcessPoolOptions, "env" | "cwd" | "execArgs" | "permissions"> {}

const OPTIONS: OptionNames<ProcessActorOptions> = optionNames<ProcessActorOptions>({
  ...ACTOR_OPTIONS,
  ...PROCESS_OPTIONS,
  stdout: true,
  stderr: true,
});

/**
 * An object of a class that lives in a process of its own and keeps its state. Its methods are called through `call` and
 * `stream`, from here and from any worker that has the actor as an argument.
 *
 * An actor without calls keeps no program alive, and is stopped at the program's end. Without `restart`, an uncaught error
 * or the loss of the process rejects all calls.
 *
 * **Order.** Calls run one at a time in the order in which they were made, unless `concurrency` is higher. A method that
 * calls its own actor and waits for the answer waits forever, unless `concurrency` allows for it. **Cancellation.** An
 * abort or a timeout rejects a call at once; calls behind it wait until the method has returned. **Cost.** A process; a
 * call costs as much as a task.
 *
 * @typeParam C the type of the class.
 *
 * @example Keep an index
 * ```ts ignore
 * // index.ts
 * export class Index {
 *   constructor(path: string) {...}
 *   search(text: string): string[] {...}
 *   async *all(): AsyncGenerator<string> {...}
 * }
 * export const index: ActorClass<typeof Index> = actor(import.meta, Index, "index");
 *
 * // main.ts
 * await using actor = new ProcessActor(index, ["a.db"], { restart: { maxRestarts: 3 } }).start();
 * console.log(await actor.call.search("x"));
 * for await (const line of actor.stream.all()) console.log(line);
 * ```
 */
export class ProcessActor<C extends ActorConstructor> extends ExecutorTarget<"unobserved">
  implements ActorHandle<C>, AsyncDisposable {
  /** The public methods of the class and its bases, except those that return a generator. */
  readonly call: Calls<InstanceType<C>>;
  /** The methods that return a generator. */
  readonly stream: Streams<InstanceType<C>>;
  readonly #owner: ActorOwner;
  readonly #output: PipedOutput;

  static {
    travelsAsHandle(this.prototype);
    printsAs(this, "ProcessActor", (actor) => ({
      name: actor.name,
      state: actor.#owner.state,
      ...pick(actor, ["pid", "daemon"]),
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
  constructor(cls: ActorClass<C>, ...rest: StartArguments<ConstructorParameters<C>, ProcessActorOptions>) {
    const [args = [], options = {}] = rest as [args?: unknown, options?: ProcessActorOptions];
    super();
    const what = "Cannot make a ProcessActor";
    const process = checkProcessOptions(what, options, OPTIONS);
    const output = this.#output = new PipedOutput(what, checkOptions(`${what} as 'options'`, options, OPTIONS));
    this.#owner = new ActorOwner(cls, args, options, {
      kind: "ProcessActor",
      known: OPTIONS,
      channel: processChannel,
      inherited: ownProcess().daemon,
      announce: announcerOf(this),
      start: ({ name, daemon, definition }, events) =>
        startProcessWorker({ name, daemon }, { ...process, modules: [definition.url] }, events, output.takers),
    });
    const { call, stream } = makeHandle<C>(this, this.#owner);
    this.call = call;
    this.stream = stream;
    void this.#owner.ended.then(() => output.close());
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

  /** The process id; undefined before the start. A restart changes it. */
  get pid(): number | undefined {
    return this.#owner.handle?.pid;
  }

  /** The same as `pid`. */
  get ident(): number | undefined {
    return this.pid;
  }

  /** The standard output as chunks of bytes, with the option `stdout: "pipe"`; undefined otherwise. */
  get stdout(): AsyncIterable<Uint8Array> | undefined {
    return this.#output.stdout;
  }

  /** The standard error, as for `stdout`. */
  get stderr(): AsyncIterable<Uint8Array> | undefined {
    return this.#output.stderr;
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
   * Starts the process, which makes the object. Calls made before wait for it.
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
   * process is gone. An actor that was never started is only closed.
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
   * Ends the process with SIGTERM, which disposes of a disposable object first; `result` and all calls reject with a
   * `WorkerLostError`. Has no effect on an actor that is not alive.
   *
   * @returns a promise that resolves when the actor has ended.
   */
  async terminate(): Promise<void> {
    await this.#owner.kill("SIGTERM");
  }

  /**
   * Ends the process with SIGKILL; `result` and all calls reject with a `WorkerLostError`. Has no effect on an actor that is
   * not alive.
   *
   * @returns a promise that resolves when the actor has ended.
   */
  async kill(): Promise<void> {
    await this.#owner.kill("SIGKILL");
  }

  /** Stops the actor. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The name of the class for printing. */
  get [Symbol.toStringTag](): string {
    return "ProcessActor";
  }
}
