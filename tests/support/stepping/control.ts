// Lays out the shared memory through which a test decides which thread runs, and for how many operations.

/** The number of threads, and the maximum number of concurrent waits of a thread. */
export const THREADS = 3, SLOTS = 8;
/** The cells of all primitives of a scenario. */
export const ARENA_CELLS = 2048;
/** The maximum number of recorded operations of a segment. */
const LOG_CELLS = 4096;

/**
 * Cells of the test: whether it is the test's turn, remaining and performed operations of the thread, the time, the
 * number of threads inside, the scenario, and the thread that may be killed plus one, or 0.
 */
export const TURN = 0, BUDGET = 1, OPS = 2, CLOCK = 3, INSIDE = 4, SCENARIO = 5, DEADLY = 6;
const FIRST = 8, EACH = 8 + SLOTS;
/** Cells of a thread: whether it may run, its status, the cause of its run, its due time, the number it has inside. */
export const GO = 0, STATUS = 1, CAUSE = 2, DUE = 3, OWN_INSIDE = 4;
/** The cells of a thread's waits: each holds the key it sleeps at, or `CALLED`. */
export const KEYS = 8, CALLED = -1;
/** Cells in which the programs leave notes for the test. */
export const NOTES: number = FIRST + THREADS * EACH, NOTE_CELLS = 64;
/** For each operation of the current segment, the threads that could run instead. */
export const LOG: number = NOTES + NOTE_CELLS, LOG_END: number = LOG + LOG_CELLS;

/** The status of a thread. */
export const READY = 1, ASLEEP = 2, DONE = 3, FAILED = 4, DEAD = 5;
/** Why a thread runs: it may, a slice of its sleep is over, or it is killed. */
export const RUNS = 0, SLICE_OVER = 1, KILLED = 2;

/** Sleeps of at least this many milliseconds are slices, after which a sleeper re-checks its condition. */
export const SLICE = 100;

/** The memory that the test and its threads share. */
export interface Shared {
  readonly control: Int32Array;
  readonly arena: Int32Array;
  /** The error message of a failed thread, preceded by its length. */
  readonly text: Uint16Array;
  /** The table of threads. */
  readonly table: Int32Array;
  /** The address of the copied source. */
  readonly source: string;
}

/** Returns the index of a thread's cell. */
export function cellOf(thread: number, cell: number): number {
  return FIRST + thread * EACH + cell;
}

/** Whether a thread could run: it is ready, or one of its waits was notified. */
export function canRun(control: Int32Array, thread: number): boolean {
  const status = control[cellOf(thread, STATUS)];
  if (status !== ASLEEP) return status === READY;
  for (let slot = 0; slot < SLOTS; slot++) if (control[cellOf(thread, KEYS + slot)] === CALLED) return true;
  return false;
}

/** Whether a sleeping thread could run through its timeout. */
export function canRunLate(control: Int32Array, thread: number): boolean {
  return control[cellOf(thread, STATUS)] === ASLEEP && control[cellOf(thread, DUE)] !== 0;
}

/**
 * Returns a bit for each other thread that could run, now or through its timeout, and a last bit for a possible kill.
 */
export function others(control: Int32Array, own: number): number {
  let bits = 0;
  for (let thread = 0; thread < THREADS; thread++) {
    if (thread !== own && (canRun(control, thread) || canRunLate(control, thread))) bits |= 1 << thread;
  }
  return bits | canBeKilled(control) << THREADS;
}

/** Returns 1 if the thread that may be killed is still alive. */
function canBeKilled(control: Int32Array): number {
  const status = control[cellOf(control[DEADLY]! - 1, STATUS)];
  return control[DEADLY] !== 0 && (status === READY || status === ASLEEP) ? 1 : 0;
}
