// The only real durations in tests, in milliseconds. Nothing waits for one of them to pass: they are limits, or are
// given to the library.

/** How long a test may take. */
export const TEST_LIMIT = 20_000;
/** How long a test may take that starts many workers, or programs of its own. */
export const SLOW_TEST_LIMIT = 60_000;
/** How long a condition may take to come true. */
export const POLL_LIMIT = 10_000;
/** How often a condition is looked at. */
export const POLL_STEP = 5;
/** How long what a test opened may take to close. */
export const CLOSE_LIMIT = 10_000;
/** How long a program may take. */
export const PROGRAM_LIMIT = 30_000;
/** A time limit or grace that is soon over. */
export const SHORT = 50;
/** A time limit or grace that a test never sees the end of. */
export const LONG = 60_000;
/** How soon a call must return that has nothing to wait for, on a machine that is busy. */
export const PROMPT = 2_000;
/** How long children may outlive a parent that was killed. */
export const ORPHAN_LIMIT = 2_000;
