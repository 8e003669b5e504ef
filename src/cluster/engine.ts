/**
 * The part of BullMQ, the engine of clusters, that Heddle uses.
 *
 * The classes are described by the members that are called, so that `bullmq` itself fits and a test can pass another
 * engine. Parameters of constructors and listeners are `never`: their types differ from class to class.
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

/** The members of all objects of the engine. */
export interface EngineObject {
  /** Adds a listener. */
  on(event: never, listener: never): unknown;
  /** Resolves once it is connected. */
  waitUntilReady(): Promise<unknown>;
  /** Ends its connections. */
  close(force?: boolean): Promise<void>;
  /** The backend behind it. */
  getBackend(): EngineBackend;
}

/** The backend of an object of the engine. */
export interface EngineBackend {
  /** Its connection, once it is open. */
  readonly client: Promise<EngineClient>;
  /** Ends its connections. */
  close(force?: boolean): Promise<void>;
  /** Adds to the events of the queue. */
  publishEvent(fields: { event: string; [field: string]: unknown }, maxEvents?: number): Promise<unknown>;
  /** Returns jobs whose lease is over to the queue. */
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
  /** Adds a job; a job with a known id is left as it is. */
  add(name: string, data: never, options?: never): Promise<{ id?: string | undefined }>;
  /** Adds jobs at once. */
  addBulk(jobs: never): Promise<unknown>;
  /** Removes a job: 1, or 0 if a worker runs it. */
  remove(id: string): Promise<number>;
  /** Reads a job. */
  getJob(id: string): Promise<EngineJob | undefined>;
  /** Returns the state of a job. */
  getJobState(id: string): Promise<string>;
  /** Reads jobs that have failed. */
  getFailed(start?: number, end?: number): Promise<EngineJob[]>;
  /** Reads waiting jobs that have a priority. */
  getPrioritized(start?: number, end?: number): Promise<EngineJob[]>;
  /** Counts jobs by state. */
  getJobCounts(...states: never[]): Promise<Record<string, number>>;
  /** Sets how many jobs may run at once. */
  setGlobalConcurrency(value: number): Promise<unknown>;
  /** Returns how many jobs may run at once. */
  getGlobalConcurrency(): Promise<number | null>;
}

/** The events of a queue. */
export interface EngineEvents extends EngineObject {
  /** Listens until it is closed, or until an entry cannot be read. */
  run(): Promise<void>;
}

/** Runs the jobs of a queue. */
export interface EngineWorker extends EngineObject {
  /** Takes jobs until it is closed. */
  run(): Promise<void>;
  /** Takes no more jobs. */
  pause(doNotWaitActive?: boolean): Promise<void>;
  /** Takes a job without running it. */
  getNextJob(token: string, options?: { block?: boolean }): Promise<EngineJob | undefined>;
}

/** A job. */
export interface EngineJob {
  /** Its id. */
  readonly id?: string | undefined;
  /** The name of its task. */
  readonly name: string;
  /** Its data. */
  readonly data: unknown;
  /** Its result. */
  readonly returnvalue: unknown;
  /** Why its last attempt failed. */
  readonly failedReason?: string | undefined;
  /** The number of attempts that have ended. */
  readonly attemptsMade: number;
  /** The number of workers that the job has lost. */
  readonly stalledCounter: number;
  /** When it ended. */
  readonly finishedOn?: number | undefined;
  /** When it was added. */
  readonly timestamp: number;
  /** Reports progress. */
  updateProgress(progress: never): Promise<void>;
  /** Returns it to the queue, to be taken later. */
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
  /** Returns it to the queue. */
  moveToWait(token?: string): Promise<unknown>;
  /** Renews the lease. */
  extendLock(token: string, duration: number): Promise<number>;
  /** Replaces its data. */
  updateData(data: never): Promise<void>;
  /** Runs it again after it has failed. */
  retry(state?: never, options?: never): Promise<void>;
}

/** Adds a listener for a kind of event. */
export function listen<A extends unknown[]>(
  target: { on(event: never, listener: never): unknown },
  event: string,
  fn: (...args: A) => void,
): void {
  target.on(event as never, fn as never);
}
