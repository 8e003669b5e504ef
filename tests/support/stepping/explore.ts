// Plays every order of the steps of threads that needs at most a given number of preemptions.
//
// A schedule is a list of segments: which thread runs, and for how many operations before another thread replaces it.
// Most bugs show with two preemptions or fewer (Musuvathi and Qadeer, Iterative Context Bounding, 2007).

/** Runs a thread for `ops` operations, or until it sleeps or ends. */
export interface Segment {
  readonly thread: number;
  readonly ops: number;
}

/** A segment that was played. */
export interface Played extends Segment {
  /** The threads that could have run instead of the segment, and instead of each operation, as bits. */
  readonly others: number;
  readonly during: readonly number[];
}

/** Plays a schedule to its end; after the given segments it chooses threads freely, without preemptions. */
export type Play = (schedule: readonly Segment[]) => readonly Played[];

/** Plays every schedule with at most the given number of preemptions; returns the number of schedules. */
export function explore(play: Play, preemptions: number): number {
  const stack: { schedule: Segment[]; left: number }[] = [{ schedule: [], left: preemptions }];
  let count = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { schedule, left } = next;
    const played = play(schedule);
    count++;
    // The segments before the last given one were varied when the shorter schedule was played.
    for (let place = Math.max(0, schedule.length - 1); place < played.length; place++) {
      const before = played.slice(0, place).map(({ thread, ops }) => ({ thread, ops }));
      const { thread, others, during } = played[place]!;
      if (place >= schedule.length) {
        for (const other of threadsOf(others)) {
          stack.push({ schedule: [...before, { thread: other, ops: Infinity }], left });
        }
      }
      if (left === 0) continue;
      for (let ops = 1; ops < during.length; ops++) {
        for (const other of threadsOf(during[ops]!)) {
          stack.push({ schedule: [...before, { thread, ops }, { thread: other, ops: Infinity }], left: left - 1 });
        }
      }
    }
  }
  return count;
}

function threadsOf(bits: number): number[] {
  return Array.from({ length: 32 - Math.clz32(bits) }, (_, thread) => thread).filter((thread) => bits >> thread & 1);
}
