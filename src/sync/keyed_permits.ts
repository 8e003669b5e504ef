/**
 * Permits by key: the common implementation of keyed locks and keyed semaphores.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { nameOf } from "../core/thread_names.ts";
import { currentIdent } from "../core/thread_table.ts";
import { isWatched } from "../core/wait_graph.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { Watcher } from "./deadlock.ts";
import { abandonedKey, KeyTable, type Place } from "./key_table.ts";
import { SharedWaitQueue, WAIT_QUEUE_CELLS } from "./shared_wait_queue.ts";
import { LentPermit, type Permit, type PermitSource } from "./permit.ts";
import type { RemoteShape } from "./remote.ts";

/** A key that is held or waited for. */
export interface KeyState {
  /** The key. */
  key: string;
  /**
   * The names of the threads that hold the key, once for each permit. A permit of another process counts for the thread
   * that serves it.
   */
  holders: string[];
  /** The number of callers waiting for the key. */
  waiting: number;
}

/** The kind of a keyed object. */
export interface KeyedKind {
  /** The name of the class, for messages. */
  readonly name: string;
  /** The number of permits of each key. */
  readonly limit: number;
  /**
   * Whether the object is a lock: its waiters get an `AbandonedError` if a holder dies, and deadlock detection covers
   * it.
   */
  readonly isLock: boolean;
}

/** The methods that other processes can use. */
export const SHAPE: RemoteShape = { waits: ["acquire"], limitsAt: { acquire: 1 }, posts: [], made: ["run"] };

/**
 * The cells of the wait queues of keys that no other thread knows. All these queues share the cells, which never
 * change.
 */
const UNSHARED = new Int32Array(new SharedArrayBuffer(4 * WAIT_QUEUE_CELLS));

/** The keys of one object that this thread uses. */
export class KeyedPermits {
  readonly #kind: KeyedKind;
  readonly #keys = new Map<string, LocalKey>();
  #table: KeyTable | undefined;

  /** @param cells the memory of an object that another thread has created. */
  constructor(kind: KeyedKind, cells: Int32Array | undefined) {
    this.#kind = kind;
    if (cells !== undefined) this.#table = this.#makeTable(cells);
  }

  /** Moves the keys to shared memory, and returns that memory. */
  share(): Int32Array {
    if (this.#table === undefined) {
      this.#table = this.#makeTable(undefined);
      for (const key of this.#keys.values()) key.share(this.#table);
    }
    return this.#table.cells;
  }

  /** Takes a permit if one is free, or waits for it. Throws if an argument is invalid. */
  take(name: string, options: WaitOptions | undefined): Permit | Promise<Permit> {
    const key = this.#open(name);
    return (options === undefined ? key.tryTake() : undefined) ?? key.wait(options);
  }

  acquire(name: string, options: WaitOptions | undefined): Promise<Permit> {
    try {
      return Promise.resolve(this.take(name, options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Takes a permit if one is free and no caller is waiting. */
  tryAcquire(name: string): Permit | undefined {
    const key = this.#open(name);
    const permit = key.tryTake();
    if (permit === undefined) key.rest();
    return permit;
  }

  acquireSync(name: string, options: WaitOptions | undefined): Permit {
    return this.#open(name).waitSync(options);
  }

  list(): KeyState[] {
    const local = () =>
      [...this.#keys.values()].map(({ name, held, waiting }) => ({
        key: name,
        users: [{ thread: currentIdent(), holds: held, waits: waiting }],
      }));
    return (this.#table?.list() ?? local()).map(({ key, users }) => ({
      key,
      holders: users.flatMap(({ thread, holds }) =>
        new Array<string>(holds).fill(nameOf(thread) ?? `thread ${thread}`)
      ),
      waiting: users.reduce((sum, { waits }) => sum + waits, 0),
    }));
  }

  #makeTable(cells: Int32Array | undefined): KeyTable {
    return new KeyTable(cells, this.#kind.limit, this.#kind.isLock);
  }

  #open(name: string): LocalKey {
    if (typeof name !== "string") {
      throw new TypeError(`Cannot acquire as 'key' must be a string: current value is ${show(name)}`);
    }
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = new LocalKey(name, this.#kind, this.#keys, this.#table);
      this.#keys.set(name, key);
    }
    return key;
  }
}

/**
 * Returns the parts of an object that are sent to another thread. The shared memory is allocated when it is first
 * needed.
 */
export function memoryOf<D>(
  permits: KeyedPermits,
  data: D,
): { readonly cells: Int32Array; readonly data: D; share(): void } {
  return {
    get cells() {
      return permits.share();
    },
    data,
    share: () => {},
  };
}

/** A request for a key, and the number of times that the key had been abandoned when the request was made. */
interface KeyRequest {
  readonly abandoned: number;
  waiting: boolean;
}

/** A key that this thread holds or waits for. */
class LocalKey implements PermitSource {
  readonly name: string;
  held = 0;
  readonly #kind: KeyedKind;
  readonly #all: Map<string, LocalKey>;
  #table: KeyTable | undefined;
  #place: Place | undefined;
  #line: SharedWaitQueue<KeyRequest, Permit> | undefined;
  #watcher: Watcher | undefined;
  /**
   * The number of waiting callers. While no other thread knows the key, also the number of times that it was abandoned,
   * and its number in the wait graph.
   */
  #waiting = 0;
  #abandoned = 0;
  #number: Int32Array | undefined;

  constructor(name: string, kind: KeyedKind, all: Map<string, LocalKey>, table: KeyTable | undefined) {
    this.name = name;
    this.#kind = kind;
    this.#all = all;
    this.#table = table;
    this.#place = table?.open(name);
    if (kind.isLock && isWatched()) this.#watch();
  }

  get waiting(): number {
    return this.#waiting;
  }

  get line(): SharedWaitQueue<KeyRequest, Permit> {
    if (this.#line !== undefined) return this.#line;
    const what = `Cannot acquire key ${show(this.name)} of a ${this.#kind.name}`;
    const line = new SharedWaitQueue<KeyRequest, Permit>(UNSHARED, what, {
      exclusive: true,
      take: (request) => this.#take(request),
      recover: () => this.#table?.recover() ?? false,
      waits: (sync) => this.#watcher?.waits(sync),
      left: (request) => this.#leave(request),
    });
    if (this.#place !== undefined) line.share(this.#table!.lineOf(this.#place));
    return this.#line = line;
  }

  /** Takes a permit if one is free and no caller of this thread is waiting. */
  tryTake(): Permit | undefined {
    if (this.#line !== undefined && this.#line.size > 0) return undefined;
    return this.#take(undefined);
  }

  /** Waits for a permit. */
  wait(options: WaitOptions | undefined): Promise<Permit> {
    const request = this.#request();
    const taken = this.line.take(request, options);
    // A request that was rejected for its options, or by deadlock detection, never enters the queue.
    if (request.waiting && this.line.size < this.#waiting) taken.then(undefined, () => this.#leave(request));
    return taken;
  }

  /** Blocks the thread until it has a permit. */
  waitSync(options: WaitOptions | undefined): Permit {
    const request = this.#request();
    try {
      return this.line.takeSync(request, options);
    } catch (error) {
      this.#leave(request);
      throw error;
    }
  }

  #request(): KeyRequest {
    if (this.#place !== undefined) this.#table!.countWaiter(this.#place, 1);
    this.#waiting++;
    const abandoned = this.#place === undefined ? this.#abandoned : this.#table!.abandoned(this.#place);
    return { abandoned, waiting: true };
  }

  /**
   * The wait of a caller has ended without a permit. The key is forgotten later, when the queue no longer uses its
   * memory.
   */
  #leave(request: KeyRequest): void {
    this.#stopWaiting(request);
    if (this.#waiting === 0) void Promise.resolve().then(() => this.rest());
  }

  /** Forgets the key if it is neither held nor waited for. */
  rest(): void {
    if (this.held > 0 || this.#waiting > 0 || this.#all.get(this.name) !== this) return;
    if (this.#place === undefined || this.#table!.close(this.#place)) this.#all.delete(this.name);
  }

  share(table: KeyTable): void {
    this.#table = table;
    this.#place = table.open(this.name, this.held, this.#waiting, this.#abandoned);
    if (this.#watcher !== undefined) {
      table.cells[table.numberCell(this.#place)] = this.#number![0]!;
      this.#watch();
    }
    this.#line?.share(table.lineOf(this.#place));
  }

  takeBack(_permit: LentPermit): void {
    this.#giveBack(false);
  }

  /** The process that held the permit has died. */
  abandoned(): void {
    this.#giveBack(this.#kind.isLock);
  }

  #giveBack(abandon: boolean): void {
    this.#watcher?.released();
    this.held--;
    const place = this.#place;
    let closed: boolean;
    if (place === undefined) {
      if (abandon) this.#abandoned++;
      closed = this.held === 0 && this.#waiting === 0;
    } else closed = this.#table!.giveBack(place, abandon);
    if (closed) this.#all.delete(this.name);
    else if (this.#line !== undefined) return this.#line.serve();
    if (place !== undefined) this.#table!.wake(place);
  }

  /** Takes a permit if one is free; `request` is undefined for a caller that does not wait. */
  #take(request: KeyRequest | undefined): Permit | undefined {
    if (this.#place !== undefined) {
      if (!this.#takeShared(this.#place, request)) return undefined;
    } else {
      if (request !== undefined && request.abandoned !== this.#abandoned) {
        this.#leave(request);
        throw abandonedKey();
      }
      if (this.held >= this.#kind.limit) return undefined;
    }
    this.held++;
    if (request?.waiting) {
      request.waiting = false;
      this.#waiting--;
    }
    this.#watcher?.taken();
    return new LentPermit(this, 1);
  }

  #takeShared(place: Place, request: KeyRequest | undefined): boolean {
    try {
      return this.#table!.take(place, request?.abandoned, request?.waiting === true);
    } catch (error) {
      if (request !== undefined) this.#leave(request);
      throw error;
    }
  }

  #stopWaiting(request: KeyRequest): void {
    if (!request.waiting) return;
    request.waiting = false;
    this.#waiting--;
    if (this.#place !== undefined) this.#table!.countWaiter(this.#place, -1);
  }

  #watch(): void {
    const cells = this.#place === undefined ? this.#number ??= new Int32Array(1) : this.#table!.cells;
    const cell = this.#place === undefined ? 0 : this.#table!.numberCell(this.#place);
    this.#watcher = new Watcher(cells, cell, "KeyedLock", this.name);
  }
}
