// The memory through which a test says which thread runs, and for how long.

/** How many threads there are, and how many waits one of them can have at a time. */
export const THREADS = 3, SLOTS = 8;
/** The cells of all primitives of a scenario. */
export const ARENA_CELLS = 2048;
/** The most operations of one segment that are looked at. */
const LOG_CELLS = 4096;

/**
 * Cells of the test: whether it is its turn, how many operations the thread has left and has had, the time, how many are
 * inside, which scenario is played, and whether a thread may be killed in it.
 */
export const TURN = 0, BUDGET = 1, OPS = 2, CLOCK = 3, INSIDE = 4, SCENARIO = 5, DEADLY = 6;
const FIRST = 8, EACH = 8 + SLOTS;
/** A thread's cells: whether it may go, its status, why it goes, when it goes by itself, how many it has inside. */
export const GO = 0, STATUS = 1, CAUSE = 2, DUE = 3, OWN_INSIDE = 4;
/** For each of its waits the key it sleeps at, or that it was called. */
export const KEYS = 8, CALLED = -1;
/** What the programs note for the test. */
export const NOTES: number = FIRST + THREADS * EACH, NOTE_CELLS = 64;
/** For each operation of the present segment the threads that could run instead. */
export const LOG: number = NOTES + NOTE_CELLS, LOG_END: number = LOG + LOG_CELLS;

/** What a thread is doing. */
export const READY = 1, ASLEEP = 2, DONE = 3, FAILED = 4, DEAD = 5;
/** Why a thread goes on: it may run, a slice of its sleep is over, it is killed. */
export const RUNS = 0, SLICE_OVER = 1, KILLED = 2;

/** A sleep of at least so long is one of the slices in which sleepers look by themselves. */
export const SLICE = 100;

/** All that the test and its threads share. */
export interface Shared {
  readonly control: Int32Array;
  readonly arena: Int32Array;
  /** The message of a thread that has failed, with its length in front. */
  readonly text: Uint16Array;
  /** The table of threads. */
  readonly table: Int32Array;
  /** Where the source is. */
  readonly source: string;
}

/** The place of a thread's cell. */
export function cellOf(thread: number, cell: number): number {
  return FIRST + thread * EACH + cell;
}

/** Whether a thread could run: it is ready, or was called. */
export function canRun(control: Int32Array, thread: number): boolean {
  const status = control[cellOf(thread, STATUS)];
  if (status !== ASLEEP) return status === READY;
  for (let slot = 0; slot < SLOTS; slot++) if (control[cellOf(thread, KEYS + slot)] === CALLED) return true;
  return false;
}

/** Whether a thread could run if its time was over. */
export function canRunLate(control: Int32Array, thread: number): boolean {
  return control[cellOf(thread, STATUS)] === ASLEEP && control[cellOf(thread, DUE)] !== 0;
}

/** All threads but one that could run, now or late, and the one that may be killed as a bit behind them. */
export function others(control: Int32Array, own: number): number {
  let bits = 0;
  for (let thread = 0; thread < THREADS; thread++) {
    if (thread !== own && (canRun(control, thread) || canRunLate(control, thread))) bits |= 1 << thread;
  }
  return bits | canBeKilled(control) << THREADS;
}

/** Whether the thread that may be killed is still there. */
function canBeKilled(control: Int32Array): number {
  const status = control[cellOf(control[DEADLY]! - 1, STATUS)];
  return control[DEADLY] !== 0 && (status === READY || status === ASLEEP) ? 1 : 0;
}
