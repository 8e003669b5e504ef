/**
 * A semaphore that limits many machines together.
 *
 * Its permits are jobs of a queue. To acquire is to take a job by hand; to release is to give it back. The engine keeps
 * the wait queue and the leases, and returns the permits of lost holders. Locks with a time to live are the tempting
 * alternative, but their waiters poll, so that the last holder wins again, and they trust the clock of every machine.
 *
 * @module
 */

import { checkFunction, checkInteger, show } from "../core/check.ts";
import { InvalidStateError } from "../core/errors.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { checkWait, type WaitOptions } from "../core/wait_options.ts";
import { WaitQueue } from "../core/wait_queue.ts";
import { closeObject } from "./connection.ts";
import { type EngineJob, type EngineQueue, type EngineWorker, listen } from "./engine.ts";
import { checkCluster, CLUSTER_NAMES, type ClusterOptions, type ClusterSettings, engineOptions } from "./options.ts";
import { type ClusterPermit, LeasedPermit } from "./permit_lease.ts";
import { jobIdOf } from "./task_id.ts";

const OPTIONS: OptionNames<ClusterOptions> = optionNames<ClusterOptions>(CLUSTER_NAMES);
/** The permit that stores the first value of a name. */
const FIRST = "p0";
/** The time for which a fetch blocks at the server, in seconds. */
const FETCH = 1;
/** A permit that was granted later than this share of the lease after its request is renewed at once. */
const LATE = 1 / 4;
/** The pause after a failed request, in milliseconds. */
const PAUSE = 100;

/**
 * Limits how many callers on all machines hold a permit at a time.
 *
 * **Order.** Programs are served in turn; callers within a program in the order of their calls. **Cancellation.** A
 * caller that gives up takes no permit. **Cost.** Some tenths of a millisecond where the server is near. A holder that
 * does not renew its lease in time loses the permit: its `signal` fires, also while the server cannot be reached, and
 * another caller gets the permit.
 *
 * The first `value` of a name stays at the server; only `resize` changes it.
 *
 * @example At most five at a time, on all machines
 * ```ts ignore
 * import * as bullmq from "bullmq";
 * import { ClusterSemaphore } from "@heddle/heddle/cluster";
 *
 * const semaphore = new ClusterSemaphore("printers", 5, { engine: bullmq, connection: { url: "redis://localhost" } });
 * await semaphore.run((signal) => print(document, signal));
 * await semaphore.close();
 * ```
 */
export class ClusterSemaphore implements AsyncDisposable {
  readonly #name: string;
  readonly #value: number;
  readonly #settings: ClusterSettings;
  readonly #queue: EngineQueue;
  readonly #worker: EngineWorker;
  readonly #line: WaitQueue<null, LeasedPermit>;
  readonly #held = new Set<LeasedPermit>();
  /** A permit taken for a caller that has left in the meantime. */
  #spare: LeasedPermit | undefined;
  #prepared: Promise<void> | undefined;
  #pumping = false;
  #stopChecks: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  static {
    printsAs(this, "ClusterSemaphore", ({ name, held, waiting }) => ({ name, held, waiting }));
  }

  /**
   * Opens a semaphore; the constructor does not wait for the server.
   *
   * @param name tells it from other semaphores of the same queue.
   * @param value how many permits there are.
   * @throws {TypeError | RangeError} if an argument is not valid.
   */
  constructor(name: string, value: number, options: ClusterOptions) {
    const what = "Cannot open a ClusterSemaphore as";
    if (typeof name !== "string") {
      throw new TypeError(`${what} 'name' must be a string: current value is ${show(name)}`);
    }
    this.#name = name;
    this.#value = checkInteger(`${what} 'value'`, value, 1);
    const settings = this.#settings = checkCluster(what, checkOptions(`${what} 'options'`, options, OPTIONS));
    const { engine, lease, clock } = settings;
    const queue = `${settings.queue}-permits-${jobIdOf(name)}`;
    const checks = { maxStalledCount: 1e6, stalledInterval: Math.ceil(lease / 2) };
    this.#queue = new engine.Queue(queue, engineOptions(settings, checks));
    this.#worker = new engine.Worker(
      queue,
      null as never,
      engineOptions(settings, { autorun: false, lockDuration: lease, drainDelay: FETCH, ...checks }),
    );
    for (const object of [this.#queue, this.#worker]) listen(object, "error", () => {});
    this.#line = new WaitQueue(clock, "Cannot acquire a permit of a ClusterSemaphore");
  }

  /** Its name. */
  get name(): string {
    return this.#name;
  }

  /** The number of permits that this program holds. */
  get held(): number {
    return this.#held.size;
  }

  /** The number of waiting callers of this program. */
  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Takes a permit, and waits until one is free.
   *
   * @throws {TimeoutError} if no permit is free in time.
   * @throws {InvalidStateError} if the name has another value, or after `close`.
   */
  async acquire(options: WaitOptions = {}): Promise<ClusterPermit> {
    const limits = checkWait("Cannot acquire", options, WAIT_WITH_COUNT as never);
    checkCount((options as { count?: unknown }).count);
    this.#requireOpen();
    limits.signal?.throwIfAborted();
    if (limits.timeout === 0) {
      const permit = await this.tryAcquire();
      if (permit !== undefined) return permit;
    }
    const granted = this.#line.join(null, limits);
    this.#pump();
    return await granted;
  }

  /** Takes a permit if there is one and no caller of this program waits. */
  async tryAcquire(): Promise<ClusterPermit | undefined> {
    this.#requireOpen();
    await this.#prepare();
    if (this.#line.size > 0) return undefined;
    const spare = this.#takeSpare();
    return spare ?? await this.#fetch(false);
  }

  /** Calls a function with the signal of a permit, and returns the permit when the call has ended. */
  async run<T>(fn: (signal: AbortSignal) => T | PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    checkFunction("Cannot run as 'fn'", fn);
    const permit = await this.acquire(options);
    try {
      return await fn(permit.signal);
    } finally {
      permit.release();
    }
  }

  /** Returns the number of free permits; stale when it arrives. */
  async available(): Promise<number> {
    this.#requireOpen();
    await this.#prepare();
    const [limit, { active = 0 }] = await Promise.all([
      this.#queue.getGlobalConcurrency(),
      this.#queue.getJobCounts("active" as never),
    ]);
    return Math.max(0, (limit ?? this.#value) - active);
  }

  /** Changes the value for all; a lower one takes effect as permits come back. */
  async resize(value: number): Promise<void> {
    checkInteger("Cannot resize as 'value'", value, 1);
    this.#requireOpen();
    await this.#prepare();
    await this.#queue.setGlobalConcurrency(value);
    await this.#addPermits(value);
    // Only a new job wakes a program that blocks at the server. The value still limits the permits.
    await this.#addPermit(`wake-${crypto.randomUUID()}`);
  }

  /** Returns the permits of this program, and rejects its waiting callers with an `InvalidStateError`. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const closed = new InvalidStateError(`The ClusterSemaphore '${this.#name}' was closed`);
    this.#line.admit(() => {
      throw closed;
    });
    const held = [...this.#held];
    for (const permit of held) permit.release();
    this.#spare = undefined;
    const { clock } = this.#settings;
    const given = Promise.all(held.map(({ returned }) => returned)).then(() => {});
    let stop = () => {};
    await Promise.race([given, new Promise<void>((resolve) => stop = clock.startTimer(PAUSE * 10, resolve))]);
    stop();
    this.#check();
    await Promise.all([closeObject(this.#worker, clock), closeObject(this.#queue, clock)]);
  }

  #requireOpen(): void {
    if (this.#closed === undefined) return;
    throw new InvalidStateError(`Cannot acquire a permit of the ClusterSemaphore '${this.#name}' after its close`);
  }

  /** Creates the permits where there are none, and compares their number with the value of this program. */
  #prepare(): Promise<void> {
    return this.#prepared ??= this.#compare().catch((error) => {
      this.#prepared = undefined;
      throw error;
    });
  }

  async #compare(): Promise<void> {
    // An existing permit is left as it is: the first program decides.
    await this.#addPermit(FIRST);
    const first = (await this.#queue.getJob(FIRST))?.data as { value?: unknown } | undefined;
    const known = Number(first?.value);
    let present = await this.#queue.getGlobalConcurrency();
    if (present === null) {
      await this.#queue.setGlobalConcurrency(known);
      present = known;
    }
    if (this.#value !== known && this.#value !== present) {
      throw new InvalidStateError(
        `Cannot use the ClusterSemaphore '${this.#name}' with the value ${this.#value}, as it has ${present}: use resize()`,
      );
    }
    await this.#addPermits(present);
  }

  async #addPermits(value: number): Promise<void> {
    for (let i = 1; i < value; i++) await this.#addPermit(`p${i}`);
  }

  async #addPermit(jobId: string): Promise<void> {
    await this.#queue.add("permit", { value: this.#value } as never, { jobId, attempts: 1 } as never);
  }

  /** Serves the waiting callers, one permit at a time. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#serve().finally(() => {
      this.#pumping = false;
      if (this.#line.size > 0 && this.#closed === undefined) this.#pump();
    });
  }

  async #serve(): Promise<void> {
    this.#check();
    while (this.#line.size > 0 && this.#closed === undefined) {
      try {
        await this.#prepare();
        this.#spare ??= await this.#fetch(true);
      } catch (error) {
        if (error instanceof InvalidStateError) {
          this.#line.admit(() => {
            throw error;
          });
          return;
        }
        await new Promise<void>((resolve) => this.#settings.clock.startTimer(PAUSE, resolve));
      }
      this.#line.admit(() => this.#takeSpare());
    }
    // The caller that the permit was taken for has left.
    this.#takeSpare()?.release();
    this.#check();
  }

  #takeSpare(): LeasedPermit | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    // Its lease may have been lost in the meantime.
    return spare?.signal.aborted ? undefined : spare;
  }

  async #fetch(block: boolean): Promise<LeasedPermit | undefined> {
    const { clock, lease } = this.#settings;
    const token = crypto.randomUUID();
    let askedAt = clock.now();
    let job: EngineJob | undefined = await this.#worker.getNextJob(token, { block });
    // Counted from the request, the lease is never too long. After a long wait little of it would be left.
    if (job !== undefined && clock.now() - askedAt > lease * LATE) {
      askedAt = clock.now();
      job = await job.extendLock(token, lease).then(() => job, () => undefined);
    }
    if (job === undefined) return undefined;
    const permit = new LeasedPermit(
      { clock, lease, name: this.#name, ended: (each) => this.#ended(each) },
      job,
      token,
      askedAt,
    );
    this.#held.add(permit);
    this.#check();
    if (this.#closed !== undefined) permit.release();
    return permit;
  }

  #ended(permit: LeasedPermit): void {
    this.#held.delete(permit);
    this.#check();
  }

  /** Looks for lost holders while this program waits for a permit or holds one. */
  #check(): void {
    const active = this.#closed === undefined && this.#line.size + this.#held.size > 0;
    if (!active) {
      this.#stopChecks?.();
      this.#stopChecks = undefined;
    } else if (this.#stopChecks === undefined) {
      const { clock, lease } = this.#settings;
      const again = () => {
        this.#stopChecks = clock.startTimer(lease / 2, again);
        void this.#queue.getBackend().moveStalledJobsToWait().catch(() => {});
      };
      again();
    }
  }
}

/** A throttle passes `count`, which must be 1. */
const WAIT_WITH_COUNT: ReadonlySet<string> = new Set(["timeout", "signal", "count"]);

function checkCount(count: unknown): void {
  if (count === undefined || count === 1) return;
  throw new RangeError(`Cannot acquire as a call takes one permit: current value is ${show(count)}`);
}
