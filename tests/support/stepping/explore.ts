// Plays every order of the steps of threads that needs at most a few preemptions.
//
// A schedule is a list of segments: which thread runs, and for how many operations before another one takes its place.
// Most mistakes need two preemptions at the most (Musuvathi and Qadeer, Iterative Context Bounding, 2007).

/** A thread runs for so many operations, or until it sleeps or ends. */
export interface Segment {
  readonly thread: number;
  readonly ops: number;
}

/** A segment as it was played. */
export interface Played extends Segment {
  /** The threads that could have run instead of it, and instead of each of its operations: a bit for each. */
  readonly others: number;
  readonly during: readonly number[];
}

/** Plays a schedule to its end: behind the segments given it goes on as it likes, without preemptions. */
export type Play = (schedule: readonly Segment[]) => readonly Played[];

/** Plays every schedule of at most so many preemptions; returns how many there were. */
export function explore(play: Play, preemptions: number): number {
  const stack: { schedule: Segment[]; left: number }[] = [{ schedule: [], left: preemptions }];
  let count = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { schedule, left } = next;
    const played = play(schedule);
    count++;
    // All that is before the last segment given was varied where that was found.
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
