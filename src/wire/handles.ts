/**
 * Objects that travel by reference: the receiver gets the same lock, not a copy of it.
 *
 * @module
 */

/** Defines how the objects of a class travel. */
export interface HandleKind<H extends object = object> {
  readonly name: string;
  /** The URL of the module that registers the kind: the receiver loads it when the first object arrives. */
  readonly module: string;
  /**
   * Returns the data that another thread of this process needs, which may contain shared memory. Undefined if the
   * object has no shared memory: another thread then uses it through a link, as another process does. Kinds that never
   * have shared memory omit the method.
   */
  share?(handle: H): unknown;
  /** Makes the object in another thread from that data, or returns the one that the thread already has. */
  restore?(data: never): H;
  /** Returns the data that another worker needs to make its proxy. */
  describe(handle: H): unknown;
  /** Makes a proxy in another worker that forwards all calls over a link. */
  remote(link: RemoteLink, data: never): H;
  /** Calls a method on behalf of another worker. */
  call(handle: H, scope: Scope, method: string, args: unknown[], signal: AbortSignal): unknown;
  /** Undoes a call whose answer cannot travel, so that nothing it took is lost. */
  takeBack?(handle: H, scope: Scope, method: string, args: unknown[], answer: unknown): void;
  /** Called before a worker gets its first reference to an object. */
  given?(handle: H, client: Client): void;
  /** Called when a worker has dropped its reference to an object, or is gone. */
  returned?(handle: H, client: Client, gone: boolean): void;
}

/** The link to an object in another worker. */
export interface RemoteLink {
  /** Calls a method and waits for its result; `scope` identifies the async context of the caller. */
  call(method: string, args: unknown[], options: { scope: number; signal?: AbortSignal | undefined }): Promise<unknown>;
  /** Calls a method without waiting for its result. */
  post(method: string, args: unknown[], scope: number): void;
}

/** A worker that uses objects of this one. */
export interface Client {
  /** Registers a callback for the end of the worker; `died` tells whether it ended before it was told to leave. */
  onGone(fn: (died: boolean) => void): void;
}

/** An async context in another worker. */
export interface Scope {
  readonly client: Client;
}

/** The property that holds the kind of an object. */
const KIND: unique symbol = Symbol("kind");

const kinds = new Map<string, HandleKind<never>>();

/** The kind of an object is unknown in this thread, because its module is not loaded. */
export class UnknownKind extends Error {
  /** The URL of the module that registers the kind. */
  readonly module: string;

  constructor(name: string, module: string) {
    super(`Cannot receive a ${name}: its module is not loaded (module is ${module})`);
    this.module = module;
  }
}

/** Makes the objects of a class travel by reference. */
export function registerKind<H extends object>(prototype: H, kind: HandleKind<H>): void {
  Object.defineProperty(prototype, KIND, { value: kind });
  kinds.set(kind.name, kind as HandleKind<never>);
}

/**
 * Keeps objects that inherit from a prototype in place: other threads use them through a link, as other processes do.
 */
export function keepInPlace(prototype: object): void {
  const { share: _, ...kind } = kindOf(prototype)!;
  Object.defineProperty(prototype, KIND, { value: kind });
}

/** Returns the kind of an object, or undefined if it does not travel by reference. */
export function kindOf(value: object): HandleKind<object> | undefined {
  return (value as { [KIND]?: HandleKind<object> })[KIND];
}

/**
 * Finds a kind by name.
 *
 * @throws {UnknownKind} if its module is not loaded.
 */
export function findKind(name: string, module: string): HandleKind<never> {
  const kind = kinds.get(name);
  if (kind === undefined) throw new UnknownKind(name, module);
  return kind;
}
