/**
 * The line of those who wait for a throttle: higher priority first, and keys share fairly.
 *
 * @module
 */

import { type Clock, WaitQueue } from "../core/wait_queue.ts";
import type { Permit } from "../sync/permit.ts";
import { enterWait, leaveWait } from "../time/awake.ts";
import type { Key } from "./keys.ts";
import { type Placed, ShareOrder } from "./share_order.ts";
import type { Turn } from "./turn.ts";

/** Whether one may go on, must wait until its key has room, or until there is room at all. */
export type Verdict = "go" | "key" | "full";

/** Who decides. */
export interface Door {
  /** Whether nobody may go on, whoever it is. */
  readonly full: boolean;
  /** Looks whether one may go on. Throws if it never may. */
  judge(turn: Turn): Verdict;
  /** Lets it go on. */
  grant(turn: Turn): Permit | Promise<Permit>;
  /** The line has become empty. */
  emptied?(): void;
}

/** Those of one key and one priority, first come, first served. */
export interface Lane extends Placed {
  readonly key: Key;
  readonly level: Level;
  readonly queue: WaitQueue<Turn, Permit | Promise<Permit>>;
}

/** All lanes of one priority; in the order are those that somebody waits in and whose key may have room. */
interface Level {
  readonly priority: number;
  readonly order: ShareOrder<Lane>;
  /** How many lanes there are, in the order or not. */
  lanes: number;
}

/**
 * A line with a lane for each key and priority. Of the highest priority that key is next which has least in use (max-min
 * fairness), among equal ones the one that was served longest ago: so a thousand who wait for one host are one turn ahead of
 * the first who waits for another, and one slow host keeps no more than its share while others wait.
 *
 * Turns alone are tempting, as they need no book of what is in use. But a host whose requests take a thousand times longer
 * would soon hold all permits, with as many turns as the others.
 */
export class FairLine {
  readonly #clock: Clock;
  readonly #what: string;
  readonly #door: Door;
  /** Highest priority first. */
  readonly #levels: Level[] = [];
  #size = 0;
  #ready = 0;
  #serving = false;
  #again = false;
  #served = false;
  #verdict: Verdict = "full";
  #awake = false;

  /** @param what begins the message of a timeout. */
  constructor(clock: Clock, what: string, door: Door) {
    this.#clock = clock;
    this.#what = what;
    this.#door = door;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Whether somebody waits who would go on if there were room at all. */
  get ready(): boolean {
    return this.#ready > 0;
  }

  /** Waits behind those of the same key and priority. */
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
      // Those who wait may have asked for more, or come from keys that have no room.
      this.serve();
    }
    return promise;
  }

  /** Lets those go on who may, the one who is next first. */
  serve(): void {
    this.#again = true;
    if (this.#serving || this.#size === 0) return;
    this.#serving = true;
    // Who leaves while this goes on asks for another round.
    while (this.#again && this.#size > 0) {
      this.#again = false;
      this.#round();
    }
    this.#serving = false;
    this.#rest();
  }

  /** A key has less in use than before: its lanes may have room. */
  freed(key: Key): void {
    if (key.waiting === 0) return;
    const { lanes, usual } = key;
    if (usual !== undefined && lanes.size === 1) return this.#freeLane(usual);
    for (const lane of lanes.values()) this.#freeLane(lane);
  }

  /** Rejects all who wait: the door does not let anybody go on any more. */
  clear(keys: Iterable<Key>): void {
    this.#served = false;
    for (const { lanes } of keys) {
      for (const lane of [...lanes.values()]) {
        lane.queue.admit(this.#take);
        this.#leave(lane);
      }
    }
    this.#rest();
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
        if (this.#door.full) return;
      } else if (verdict === "key") this.#park(lane);
      else if (verdict === "full") return;
    }
  }

  #admit(lane: Lane): Verdict {
    this.#verdict = "go";
    lane.queue.admit(this.#take);
    return this.#verdict;
  }

  /** A key has more in use than before, so that others may be next. */
  #took(key: Key): void {
    if (key.waiting === 0) return;
    const { lanes, usual, active } = key;
    if (usual !== undefined && lanes.size === 1) {
      if (usual.placed) usual.level.order.move(usual, active);
      return;
    }
    for (const lane of lanes.values()) if (lane.placed) lane.level.order.move(lane, active);
  }

  #freeLane(lane: Lane): void {
    if (lane.placed) lane.level.order.move(lane, lane.key.active);
    else if (lane.queue.size > 0) this.#enter(lane);
  }

  /** Serves one: the next may be another key's. */
  readonly #take = (turn: Turn): Permit | Promise<Permit> | undefined => {
    if (this.#served) return undefined;
    try {
      this.#verdict = this.#door.judge(turn);
    } catch (error) {
      this.#out(turn);
      throw error;
    }
    if (this.#verdict !== "go") return undefined;
    this.#served = true;
    this.#out(turn);
    return this.#door.grant(turn);
  };

  #out(turn: Turn): void {
    this.#size--;
    turn.key.waiting--;
  }

  /** One has left by itself. */
  #left(lane: Lane, turn: Turn): void {
    this.#out(turn);
    if (lane.queue.size === 0) this.#leave(lane);
    // Whoever stands behind one that its key had no room for may ask for less.
    else if (!lane.placed) this.#enter(lane);
    this.serve();
    this.#rest();
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

  /** Nobody waits in it. Those of unusual priorities are not kept: there may be any number of them. */
  #leave(lane: Lane): void {
    this.#park(lane);
    const { priority } = lane.level;
    if (priority === 0 || !lane.key.lanes.delete(priority)) return;
    if (--lane.level.lanes === 0) this.#dropLevel(lane.level);
  }

  #laneOf(key: Key, priority: number): Lane {
    const known = priority === 0 ? key.usual : key.lanes.get(priority);
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
    if (priority === 0) key.usual = lane;
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

  /** The place of a priority in a falling row. */
  #search(priority: number): number {
    let low = 0, high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#levels[middle]!.priority > priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rest(): void {
    if (!this.#awake || this.#size > 0) return;
    this.#awake = false;
    leaveWait();
    this.#door.emptied?.();
  }
}
