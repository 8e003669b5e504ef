/**
 * The waiting line of a pool: higher priorities first, some of which grow while their jobs wait.
 *
 * @module
 */

import { PriorityLine } from "../../core/priority_line.ts";
import { SortedLine } from "../../core/sorted_line.ts";
import { now } from "../../time/system_clock.ts";
import type { Job } from "./job.ts";

/** The jobs whose priority grows equally fast: which of them is first never changes. */
interface Lane {
  readonly rate: number;
  readonly line: SortedLine<Job>;
  head: Job | undefined;
}

/** Jobs in the order in which they are sent. */
export class JobLine {
  readonly #plain = new PriorityLine<Job>();
  #lanes: Lane[] | undefined;
  /** The lane of the job that `peek` returned last; undefined if the job's priority does not grow. */
  #at: Lane | undefined;

  /** Adds a job behind those of its priority. */
  push(job: Job): void {
    const { aging = 0, priority = 0 } = job.options;
    if (aging === 0) this.#plain.push(job, priority);
    else this.#add(this.#lane(aging), job, false);
  }

  /** Puts a job back before those of its priority. */
  unshift(job: Job): void {
    const { aging = 0, priority = 0 } = job.options;
    if (aging === 0) this.#plain.unshift(job, priority);
    else this.#add(this.#lane(aging), job, true);
  }

  /** Returns the first job without taking it. */
  peek(): Job | undefined {
    let first = this.#plain.peek();
    if (this.#lanes === undefined) return first;
    const time = now();
    this.#at = undefined;
    for (const lane of this.#lanes) {
      if (lane.head === undefined || (first !== undefined && !isBefore(lane.head, first, time))) continue;
      first = lane.head;
      this.#at = lane;
    }
    return first;
  }

  /** The oldest job of the lowest priority that fits; none whose priority grows. */
  lowest(fits: (job: Job) => boolean): Job | undefined {
    return this.#plain.lowest(fits);
  }

  /** Takes the job that `peek` returned last. */
  shift(): void {
    const lane = this.#at;
    if (lane === undefined) this.#plain.shift();
    else {
      lane.head = lane.line.take();
      this.#at = undefined;
      // Without waiting jobs that grow, the line costs as little as one that never had any.
      if (this.#lanes!.every(({ head }) => head === undefined)) this.#lanes = undefined;
    }
  }

  #lane(rate: number): Lane {
    const lanes = this.#lanes ??= [];
    let lane = lanes.find((each) => each.rate === rate);
    if (lane === undefined) {
      const compare = (a: Job, b: Job) => keyOf(b) - keyOf(a);
      lanes.push(lane = { rate, line: new SortedLine(compare), head: undefined });
    }
    return lane;
  }

  #add(lane: Lane, job: Job, first: boolean): void {
    const { head, line } = lane;
    if (head === undefined) return void (lane.head = job);
    const ahead = keyOf(job) - keyOf(head);
    if (ahead > 0 || (ahead === 0 && first)) {
      line.putBack(head);
      lane.head = job;
    } else if (first) line.putBack(job);
    else line.add(job);
  }
}

/** The priority of a job at time 0. Jobs whose priorities grow equally fast compare by it at any time. */
function keyOf({ options: { aging = 0, priority = 0 }, submittedAt }: Job): number {
  return priority - aging * submittedAt! / 1_000;
}

function isBefore(job: Job, other: Job, time: number): boolean {
  const ahead = priorityAt(job, time) - priorityAt(other, time);
  return ahead > 0 || (ahead === 0 && job.submittedAt! < other.submittedAt!);
}

/** The priority of a job at a time. */
export function priorityAt({ options: { aging = 0, priority = 0 }, submittedAt }: Job, time: number): number {
  return priority + aging * (time - submittedAt!) / 1_000;
}
