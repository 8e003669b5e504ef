/**
 * Handles of actors: typed calls of an object that lives in a worker of its own.
 *
 * @module
 */

import { checkDuration, checkSignal } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import type { ActorConstructor, ActorMethods } from "../task/actor.ts";
import { carriedValues } from "../task/carry.ts";
import { type HandleKind, kindOf, registerKind, type RemoteLink } from "../wire/handles.ts";
import { remoteCall } from "./actor_call.ts";
import { LentStream, remoteStream } from "./actor_stream.ts";
import type { Future } from "./future.ts";
import type { Source, Stream } from "./stream.ts";

/**
 * Whether a method yields values; one whose result is `any` does not.
 *
 * @typeParam R the type of its result.
 */
export type Yields<R> = 0 extends 1 & R ? false
  : [Awaited<R>] extends [never] ? false
  : [Awaited<R>] extends [Source<unknown>] ? true
  : false;

/**
 * The name of a method that yields values, or of one that does not; otherwise `never`.
 *
 * @typeParam T the type of the object.
 * @typeParam K the name of a member.
 * @typeParam Y whether the method yields values.
 */
export type MethodName<T, K extends keyof T, Y extends boolean> = K extends "then" ? never
  : K extends string ? T[K] extends (...args: never[]) => infer R ? Yields<R> extends Y ? K : never
    : never
  : never;

/**
 * The methods of an actor that return a result, as calls.
 *
 * @typeParam T the type of the object.
 */
export type Calls<T> = {
  readonly [K in keyof T as MethodName<T, K, false>]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Future<Awaited<R>>
    : never;
};

/**
 * The methods of an actor that yield values, as streams.
 *
 * @typeParam T the type of the object.
 */
export type Streams<T> = {
  readonly [K in keyof T as MethodName<T, K, true>]: T[K] extends (...args: infer A) => infer R
    ? Awaited<R> extends Source<infer V> ? (...args: A) => Stream<V> : never
    : never;
};

/** The limits of the calls that are made through a handle. */
export interface CallOptions {
  /** Aborts the calls; the methods see it through `current().signal`. */
  signal?: AbortSignal | undefined;
  /** Time limit of a call in milliseconds, from its start. */
  timeout?: number | undefined;
}

const OPTIONS: OptionNames<CallOptions> = optionNames<CallOptions>({ signal: true, timeout: true });

/**
 * An actor, as its users see it: a `ThreadActor` or a `ProcessActor`, or what another worker gets of one that is its
 * argument.
 *
 * **Order.** Calls are run one at a time in the order in which they reach the actor's owner, unless its `concurrency`
 * is higher. **Cancellation.** An abort or a timeout rejects a call at once; calls behind it wait until the method has
 * returned. **Cost.** That of a task; through a handle in another worker, also a round trip to the owner.
 *
 * @typeParam C the type of the class.
 */
export interface ActorHandle<C extends ActorConstructor> {
  /** The public methods of the class and its bases, except those that return a generator. */
  readonly call: Calls<InstanceType<C>>;
  /** The methods that return a generator. */
  readonly stream: Streams<InstanceType<C>>;
  /** Returns a handle whose calls have limits. */
  with(options: CallOptions): ActorHandle<C>;
}

/** The limits of one call, and its values of async contexts if it was made elsewhere. */
export interface PlacedOptions extends CallOptions {
  readonly carried?: Record<string, unknown> | undefined;
}

/** Where the calls of an actor go. */
export interface ActorPlace {
  readonly methods: ActorMethods;
  call(method: string, args: unknown[], options: PlacedOptions): Future<unknown>;
  stream(method: string, args: unknown[], options: PlacedOptions): Stream<unknown>;
}

/** The implementation of a handle. */
interface Behind {
  readonly place: ActorPlace;
  readonly options: CallOptions;
}

const behind = new WeakMap<object, Behind>();

/** The members of a handle. */
export interface HandleMembers<C extends ActorConstructor> {
  readonly call: Calls<InstanceType<C>>;
  readonly stream: Streams<InstanceType<C>>;
}

/** Makes an object the handle of an actor, and returns its members. */
export function makeHandle<C extends ActorConstructor>(
  handle: object,
  place: ActorPlace,
  options: CallOptions = {},
): HandleMembers<C> {
  behind.set(handle, { place, options });
  const { calls, streams } = place.methods;
  return {
    call: methodsProxy(calls, (method, args) => place.call(method, args, options)) as Calls<InstanceType<C>>,
    stream: methodsProxy(streams, (method, args) => place.stream(method, args, options)) as Streams<InstanceType<C>>,
  };
}

/** Returns a handle of the same actor whose calls have limits. */
export function withOptions<C extends ActorConstructor>(handle: object, given: CallOptions): ActorHandle<C> {
  const options = checkOptions("Cannot call an actor as 'options'", given, OPTIONS);
  checkSignal("Cannot call an actor as 'signal'", options.signal);
  if (options.timeout !== undefined) checkDuration("Cannot call an actor as 'timeout'", options.timeout);
  const { place, options: before } = behind.get(handle)!;
  return new HandleView<C>(place, { ...before, ...options });
}

/** A handle other than the actor itself. */
class HandleView<C extends ActorConstructor> implements ActorHandle<C> {
  readonly call: Calls<InstanceType<C>>;
  readonly stream: Streams<InstanceType<C>>;

  constructor(place: ActorPlace, options: CallOptions) {
    const { call, stream } = makeHandle<C>(this, place, options);
    this.call = call;
    this.stream = stream;
  }

  with(options: CallOptions): ActorHandle<C> {
    return withOptions(this, options);
  }
}

/** How handles travel: the calls of another worker go through the owner. */
const KIND: HandleKind = {
  name: "Actor",
  module: import.meta.url,
  describe: (handle) => behind.get(handle)!.place.methods,
  remote: (link, methods: ActorMethods) => new HandleView(remotePlace(link, methods), {}),
  call: (handle, _scope, kind, given, signal) => serve(behind.get(handle)!, kind, given, signal),
  takeBack: (_handle, { client }, _kind, _given, answer) => {
    if (answer instanceof LentStream) kindOf(answer)!.returned!(answer, client, true);
  },
};

/** Makes the objects of a class travel as handles. */
export function travelsAsHandle(prototype: object): void {
  registerKind(prototype, KIND);
}

travelsAsHandle(HandleView.prototype);
printsAs(HandleView, "ActorHandle", []);

/** The values after the arguments of a call of another worker. */
type Tail = [method: string, timeout: number | undefined, carried: Record<string, unknown> | undefined];

/** Access to an actor whose owner is another worker. */
function remotePlace(link: RemoteLink, methods: ActorMethods): ActorPlace {
  const tail = (method: string, { timeout, carried = carriedValues() }: PlacedOptions): Tail => [
    method,
    timeout,
    carried,
  ];
  return {
    methods,
    call: (method, args, options) => remoteCall(link, [...args, ...tail(method, options)], options.signal),
    stream: (method, args, options) => remoteStream(link, [...args, ...tail(method, options)], options.signal),
  };
}

/** Makes a call of another worker. */
function serve({ place, options }: Behind, kind: string, given: unknown[], signal: AbortSignal): unknown {
  const args = given.slice(0, -3);
  const [method, timeout = options.timeout, carried] = given.slice(-3) as Tail;
  const names = kind === "call" ? place.methods.calls : place.methods.streams;
  if (!names.includes(method)) throw new TypeError(`Cannot call '${method}' of an actor: it is no method of its class`);
  if (kind !== "call") return new LentStream(place.stream(method, args, { signal: options.signal, timeout, carried }));
  return place.call(method, args, {
    signal: options.signal ? AbortSignal.any([options.signal, signal]) : signal,
    timeout,
    carried,
  });
}

/** Returns an object with methods of the given names. */
function methodsProxy(names: readonly string[], call: (method: string, args: unknown[]) => unknown): object {
  const methods = new Map<string, (...args: unknown[]) => unknown>();
  const known = new Set(names);
  return new Proxy(Object.create(null) as object, {
    has: (_target, name) => known.has(name as string),
    get: (_target, name) => {
      if (typeof name !== "string" || !known.has(name)) return undefined;
      let method = methods.get(name);
      if (method === undefined) methods.set(name, method = (...args) => call(name, args));
      return method;
    },
  });
}
