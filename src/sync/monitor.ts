/**
 * The interface that a condition needs from its lock.
 *
 * @module
 */

/** A lock that its owner can release for the length of a wait. */
export interface Monitor {
  /** Whether the caller owns the lock. */
  readonly owned: boolean;
  /** Releases the lock completely, whatever its depth. */
  suspend(): Suspended;
}

/** Re-acquires the lock at its former depth; the permits for it become valid again. */
export interface Suspended {
  resume(): Promise<void>;
  resumeSync(): void;
}
