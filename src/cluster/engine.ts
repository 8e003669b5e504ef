/**
 * What Heddle uses of the engine behind a cluster, BullMQ.
 *
 * The classes are described by the members that are called, so that `bullmq` itself fits, and a test can pass another. What a
 * constructor or a listener takes is `never` here: each kind of object takes more than one type could say.
 *
 * @module
 */

/** The engine: `import * as engine from "bullmq"`. */
export interface Engine {
  /** A queue of jobs, as its producers see it. */
  readonly Queue: new (name: string, options: never) => EngineQueue;
  /** The events of a queue. */
  readonly QueueEvents: new (name: string, options: never) => EngineEvents;
  /** Runs the jobs of a queue. */
  readonly Worker: new (name: string, processor: never, options: never) => EngineWorker;
}

/** What all objects of the engine have. */
export interface EngineObject {
  /** Adds a listener. */
  on(event: never, listener: never): unknown;
  /** Resolves once it is connected. */
  waitUntilReady(): Promise<unknown>;
  /** Ends its connections. */
  close(force?: boolean): Promise<void>;
  /** What is behind it. */
  getBackend(): EngineBackend;
}

/** What is behind an object of the engine. */
export interface EngineBackend {
  /** Its connection, once there is one. */
  readonly client: Promise<EngineClient>;
  /** Ends its connections. */
  close(force?: boolean): Promise<void>;
  /** Adds to the events of the queue. */
  publishEvent(fields: { event: string; [field: string]: unknown }, maxEvents?: number): Promise<unknown>;
  /** Looks for jobs whose lease is over, and gives them back to the queue. */
  moveStalledJobsToWait(): Promise<unknown>;
}

/** A connection. */
export interface EngineClient {
  /** Adds a listener. */
  on(event: never, listener: never): unknown;
  /** Drops the connection for good. */
  disconnect(): unknown;
}

/** A queue, as its producers see it. */
export interface EngineQueue extends EngineObject {
  /** Adds a job; one whose id is known already is left as it is. */
  add(name: string, data: never, options?: never): Promise<{ id?: string | undefined }>;
  /** Adds jobs at once. */
  addBulk(jobs: never): Promise<unknown>;
  /** Removes a job that nobody works on: 1, or 0 if somebody does. */
  remove(id: string): Promise<number>;
  /** Reads a job. */
  getJob(id: string): Promise<EngineJob | undefined>;
  /** Says where a job is. */
  getJobState(id: string): Promise<string>;
  /** Reads jobs that have failed. */
  getFailed(start?: number, end?: number): Promise<EngineJob[]>;
  /** Reads jobs that wait by their priority. */
  getPrioritized(start?: number, end?: number): Promise<EngineJob[]>;
  /** Counts jobs by where they are. */
  getJobCounts(...states: never[]): Promise<Record<string, number>>;
  /** Sets how many jobs may be worked on at once. */
  setGlobalConcurrency(value: number): Promise<unknown>;
  /** Says how many may be. */
  getGlobalConcurrency(): Promise<number | null>;
}

/** The events of a queue. */
export interface EngineEvents extends EngineObject {
  /** Hears events until it is closed, or one cannot be read. */
  run(): Promise<void>;
}

/** Runs the jobs of a queue. */
export interface EngineWorker extends EngineObject {
  /** Takes jobs until it is closed. */
  run(): Promise<void>;
  /** Takes no more jobs. */
  pause(doNotWaitActive?: boolean): Promise<void>;
  /** Takes a job by hand. */
  getNextJob(token: string, options?: { block?: boolean }): Promise<EngineJob | undefined>;
}

/** A job. */
export interface EngineJob {
  /** What it is known by. */
  readonly id?: string | undefined;
  /** The name of its task. */
  readonly name: string;
  /** What it carries. */
  readonly data: unknown;
  /** What it has returned. */
  readonly returnvalue: unknown;
  /** Why its last attempt failed. */
  readonly failedReason?: string | undefined;
  /** How many attempts have ended. */
  readonly attemptsMade: number;
  /** How many workers it has lost. */
  readonly stalledCounter: number;
  /** When it has ended. */
  readonly finishedOn?: number | undefined;
  /** When it was added. */
  readonly timestamp: number;
  /** Says how far it is. */
  updateProgress(progress: never): Promise<void>;
  /** Gives it back, to be taken later. */
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
  /** Gives it back. */
  moveToWait(token?: string): Promise<unknown>;
  /** Renews the lease. */
  extendLock(token: string, duration: number): Promise<number>;
  /** Replaces what it carries. */
  updateData(data: never): Promise<void>;
  /** Runs it again after it has failed. */
  retry(state?: never, options?: never): Promise<void>;
}

/** Calls a function for each event of a kind. */
export function listen<A extends unknown[]>(
  target: { on(event: never, listener: never): unknown },
  event: string,
  fn: (...args: A) => void,
): void {
  target.on(event as never, fn as never);
}
