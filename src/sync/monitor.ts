/**
 * What a condition asks of its lock.
 *
 * @module
 */

/** A lock that its owner can leave for a while. */
export interface Monitor {
  /** Whether the caller owns it. */
  readonly owned: boolean;
  /** Releases it, however often it was taken. */
  suspend(): Suspended;
}

/** The way back: the lock is taken as often as before, and the permits for it are good again. */
export interface Suspended {
  resume(): Promise<void>;
  resumeSync(): void;
}
