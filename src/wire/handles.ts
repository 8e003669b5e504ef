/**
 * Objects that travel by reference: what arrives is the same lock, not a copy of it.
 *
 * @module
 */

import type { RemoteLink } from "./references.ts";

/** How the objects of one class travel. */
export interface HandleKind<H extends object = object> {
  readonly name: string;
  /** The address of the module that knows the kind: the other side loads it when the first one arrives. */
  readonly module: string;
  /**
   * What another thread of this process needs, as data; shared memory in it stays shared. Undefined if the object has no
   * memory to share: then another thread uses it as another process would. Left out by kinds that never have any.
   */
  share?(handle: H): unknown;
  /** Makes the object in another thread from that data, or returns the one that is there already. */
  restore?(data: never): H;
  /** What another worker needs to know of it. */
  describe(handle: H): unknown;
  /** Makes an object in another worker that does everything through a link to the one here. */
  remote(link: RemoteLink, data: never): H;
  /** Calls a method for another worker. */
  call(handle: H, scope: Scope, method: string, args: unknown[], signal: AbortSignal): unknown;
  /** The answer to a call cannot travel: takes back what the call took, so that nothing is lost. */
  takeBack?(handle: H, scope: Scope, method: string, args: unknown[], answer: unknown): void;
  /** A worker is about to get its first reference to an object here. */
  given?(handle: H, client: Client): void;
  /** A worker that was given the object has forgotten it, or is gone. */
  returned?(handle: H, client: Client, gone: boolean): void;
}

/** A worker that uses objects here. */
export interface Client {
  /** Calls a function when the worker is gone, with whether it died before it was told to leave. */
  onGone(fn: (died: boolean) => void): void;
}

/** A context in another worker. */
export interface Scope {
  readonly client: Client;
}

/** Where an object keeps its kind. */
const KIND: unique symbol = Symbol("kind");

const kinds = new Map<string, HandleKind<never>>();

/** The kind of an object is not known in this thread, whose module has not been loaded. */
export class UnknownKind extends Error {
  /** The module that knows it. */
  readonly module: string;

  constructor(name: string, module: string) {
    super(`Cannot receive a ${name} as its module is not loaded: ${module}`);
    this.module = module;
  }
}

/** Makes the objects of a class travel by reference. */
export function registerKind<H extends object>(prototype: H, kind: HandleKind<H>): void {
  Object.defineProperty(prototype, KIND, { value: kind });
  kinds.set(kind.name, kind as HandleKind<never>);
}

/** Keeps objects that inherit from a prototype where they are: other threads use them as other processes do. */
export function keepInPlace(prototype: object): void {
  const { share: _, ...kind } = kindOf(prototype)!;
  Object.defineProperty(prototype, KIND, { value: kind });
}

/** The kind of an object, if it travels by reference. */
export function kindOf(value: object): HandleKind<object> | undefined {
  return (value as { [KIND]?: HandleKind<object> })[KIND];
}

/** Looks a kind up by name. */
export function findKind(name: string, module: string): HandleKind<never> {
  const kind = kinds.get(name);
  if (kind === undefined) throw new UnknownKind(name, module);
  return kind;
}
