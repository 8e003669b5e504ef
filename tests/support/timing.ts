// Lists all real durations in tests, in milliseconds. Each is a limit or an option of the library; no test waits for
// one to pass.

/** Limit for a test. */
export const TEST_LIMIT = 20_000;
/** Limit for a test that starts many workers or separate programs. */
export const SLOW_TEST_LIMIT = 60_000;
/** Limit for a polled condition. */
export const POLL_LIMIT = 10_000;
/** Interval between polls. */
export const POLL_STEP = 5;
/** Limit for closing what a test opened. */
export const CLOSE_LIMIT = 10_000;
/** Limit for a program. */
export const PROGRAM_LIMIT = 30_000;
/** A timeout or grace that a test expects to end. */
export const SHORT = 50;
/** A timeout or grace that no test reaches. */
export const LONG = 60_000;
/** Limit for a call that has nothing to wait for, on a busy machine. */
export const PROMPT = 2_000;
/** Limit for children to outlive a killed parent. */
export const ORPHAN_LIMIT = 2_000;
