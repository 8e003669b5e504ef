/**
 * The wait queue of a throttle: higher priority first, and keys share fairly.
 *
 * @module
 */

import { type Clock, WaitQueue } from "../core/wait_queue.ts";
import type { Permit } from "../sync/permit.ts";
import { enterWait, leaveWait } from "../time/awake.ts";
import type { Key, Lane, Level, Turn } from "./key.ts";
import { ShareOrder } from "./share_order.ts";

/** Whether a caller is admitted, must wait for its key, or must wait until any caller may be admitted. */
export type Verdict = "go" | "key" | "full";

/** Decides which callers are admitted, and receives events of the queue. */
export interface Admission {
  /** Whether no caller of any key can be admitted. */
  readonly full: boolean;
  /** Whether the caller can be admitted now. Throws if the caller can never be admitted. */
  judge(turn: Turn): Verdict;
  /** Admits the caller. */
  grant(turn: Turn): Permit | Promise<Permit>;
  /** A caller has left the queue without a permit. */
  left(turn: Turn): void;
  /** The last waiting caller of the key has left. */
  keyEmptied(key: Key): void;
  /** The last waiting caller has left. */
  emptied(): void;
}

/**
 * A queue with a lane for each key and priority. The next caller is from the highest priority and, within that, from
 * the key with the fewest permits in use (max-min fairness); among equal keys, from the key that was served longest
 * ago. So a thousand callers of one host delay the first caller of another host by at most one turn, and a slow host
 * holds no more than its share while others wait. A lane whose key holds its callers back leaves the order and costs
 * the others nothing.
 *
 * Round robin is tempting, as it need not count permits in use. But with equal turns, a host whose requests take a
 * thousand times longer would soon hold all permits.
 */
export class FairQueue {
  readonly #clock: Clock;
  readonly #what: string;
  readonly #admission: Admission;
  /** Highest priority first. */
  readonly #levels: Level[] = [];
  #size = 0;
  #ready = 0;
  #serving = false;
  #again = false;
  #served = false;
  #verdict: Verdict = "full";
  #awake = false;

  /** @param what the beginning of the message of a `TimeoutError`. */
  constructor(clock: Clock, what: string, admission: Admission) {
    this.#clock = clock;
    this.#what = what;
    this.#admission = admission;
  }

  /** The number of waiting callers. */
  get size(): number {
    return this.#size;
  }

  /** Whether there is a waiting caller that the limits of its key do not hold back. */
  get ready(): boolean {
    return this.#ready > 0;
  }

  /** Adds a caller behind those of the same key and priority. */
  join(turn: Turn): Promise<Permit> {
    const lane = this.#laneOf(turn.key, turn.priority);
    const promise = lane.queue.join(turn, turn.limits) as Promise<Permit>;
    this.#size++;
    turn.key.waiting++;
    if (!this.#awake) {
      this.#awake = true;
      enterWait();
    }
    if (lane.queue.size === 1) {
      this.#enter(lane);
      // The callers ahead may need more permits, or may be held back by their keys.
      this.serve();
    }
    return promise;
  }

  /** Admits waiting callers in order until none can be admitted. */
  serve(): void {
    this.#again = true;
    if (this.#serving || this.#size === 0) return;
    this.#serving = true;
    // A nested call, such as from a caller that leaves during the round, requests another round.
    while (this.#again && this.#size > 0) {
      this.#again = false;
      this.#round();
    }
    this.#serving = false;
    this.#checkEmpty();
  }

  /** The key has fewer permits in use than before, or its rate or pause no longer holds its callers back. */
  freed(key: Key): void {
    if (key.waiting === 0) return;
    const { lanes, defaultLane } = key;
    if (defaultLane !== undefined && lanes.size === 1) return this.#freeLane(defaultLane);
    for (const lane of lanes.values()) this.#freeLane(lane);
  }

  /** Rejects the waiting callers of the given keys for which the condition holds. */
  reject(keys: Iterable<Key>, reason: unknown, condition: (turn: Turn) => boolean = () => true): void {
    const rejected: Turn[] = [];
    for (const key of keys) {
      if (key.waiting === 0) continue;
      for (const lane of [...key.lanes.values()]) {
        const all = rejected.length;
        lane.queue.rejectIf((turn) => condition(turn) && rejected.push(turn) > 0, reason);
        if (lane.queue.size === 0) this.#leave(lane);
        // The caller that is now first may need fewer permits.
        else if (rejected.length > all && !lane.placed) this.#enter(lane);
      }
    }
    for (const turn of rejected) this.#gone(turn);
    this.serve();
    this.#checkEmpty();
  }

  #round(): void {
    for (let i = 0; i < this.#levels.length;) {
      const lane = this.#levels[i]!.order.first;
      if (lane === undefined) {
        i++;
        continue;
      }
      this.#served = false;
      const verdict = this.#admit(lane);
      if (lane.queue.size === 0) this.#leave(lane);
      if (this.#served) {
        this.#took(lane.key);
        if (this.#admission.full) return;
      } else if (verdict === "key") this.#park(lane);
      else if (verdict === "full") return;
    }
  }

  #admit(lane: Lane): Verdict {
    this.#verdict = "go";
    lane.queue.admit(this.#take);
    return this.#verdict;
  }

  /** Moves a key that has more permits in use than before back in the order. */
  #took(key: Key): void {
    if (key.waiting === 0) return;
    const { lanes, defaultLane, active } = key;
    if (defaultLane !== undefined && lanes.size === 1) {
      if (defaultLane.placed) defaultLane.level.order.move(defaultLane, active);
      return;
    }
    for (const lane of lanes.values()) if (lane.placed) lane.level.order.move(lane, active);
  }

  #freeLane(lane: Lane): void {
    if (lane.placed) lane.level.order.move(lane, lane.key.active);
    else if (lane.queue.size > 0) this.#enter(lane);
  }

  /** Admits at most one caller per round, as the next may belong to another key. */
  readonly #take = (turn: Turn): Permit | Promise<Permit> | undefined => {
    if (this.#served) return undefined;
    try {
      this.#verdict = this.#admission.judge(turn);
    } catch (error) {
      this.#gone(turn);
      throw error;
    }
    if (this.#verdict !== "go") return undefined;
    this.#served = true;
    this.#out(turn);
    return this.#admission.grant(turn);
  };

  #out(turn: Turn): void {
    this.#size--;
    if (--turn.key.waiting === 0) this.#admission.keyEmptied(turn.key);
  }

  /** Removes a caller that has left without a permit. */
  #gone(turn: Turn): void {
    this.#out(turn);
    this.#admission.left(turn);
  }

  /** A wait has timed out or was aborted. */
  #left(lane: Lane, turn: Turn): void {
    this.#gone(turn);
    if (lane.queue.size === 0) this.#leave(lane);
    // The caller that is now first may need fewer permits than the one for which its key had too few.
    else if (!lane.placed) this.#enter(lane);
    this.serve();
    this.#checkEmpty();
  }

  #enter(lane: Lane): void {
    lane.share = lane.key.active;
    lane.level.order.add(lane);
    this.#ready++;
  }

  #park(lane: Lane): void {
    if (!lane.placed) return;
    lane.level.order.delete(lane);
    this.#ready--;
  }

  /**
   * Takes an empty lane out of the order. Lanes of other priorities than 0 are deleted, as their number has no bound.
   */
  #leave(lane: Lane): void {
    this.#park(lane);
    const { priority } = lane.level;
    if (priority === 0 || !lane.key.lanes.delete(priority)) return;
    if (--lane.level.lanes === 0) this.#dropLevel(lane.level);
  }

  #laneOf(key: Key, priority: number): Lane {
    const known = priority === 0 ? key.defaultLane : key.lanes.get(priority);
    if (known !== undefined) return known;
    const queue = new WaitQueue<Turn, Permit | Promise<Permit>>(
      this.#clock,
      this.#what,
      (turn) => this.#left(lane, turn),
    );
    const level = this.#levelOf(priority);
    level.lanes++;
    const lane: Lane = {
      key,
      level,
      queue,
      share: 0,
      placed: false,
      row: undefined,
      before: undefined,
      after: undefined,
    };
    key.lanes.set(priority, lane);
    if (priority === 0) key.defaultLane = lane;
    return lane;
  }

  #levelOf(priority: number): Level {
    const at = this.#search(priority);
    const found = this.#levels[at];
    if (found?.priority === priority) return found;
    const level = { priority, order: new ShareOrder<Lane>(), lanes: 0 };
    this.#levels.splice(at, 0, level);
    return level;
  }

  #dropLevel(level: Level): void {
    const at = this.#search(level.priority);
    if (this.#levels[at] === level) this.#levels.splice(at, 1);
  }

  /** The index of a priority in the descending order. */
  #search(priority: number): number {
    let low = 0, high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#levels[middle]!.priority > priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #checkEmpty(): void {
    if (!this.#awake || this.#size > 0) return;
    this.#awake = false;
    leaveWait();
    this.#admission.emptied();
  }
}
