/**
 * Objects used from a worker that does not have their memory: method calls become requests to the owner.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import { membersOf } from "../core/members.ts";
import { type OptionNames, optionNames, readOptions } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { type HandleKind, registerKind, type RemoteLink, type Scope } from "../wire/handles.ts";
import { currentContext, inContextOf } from "./contexts.ts";

/** How the methods of a class behave in a worker that does not own the object. Methods not listed here throw there. */
export interface RemoteShape {
  /** Methods that take the limits of a wait; each becomes a request to the owner. */
  readonly waits: readonly string[];
  /** For methods whose limits are not the first argument: the index of that argument. */
  readonly limitsAt?: Readonly<Record<string, number>>;
  /** Methods without limits that return a promise; each becomes a request to the owner. */
  readonly calls?: readonly string[];
  /** Methods that return nothing; each becomes a one-way message to the owner. */
  readonly posts: readonly string[];
  /** Methods built on the others; they work unchanged. */
  readonly made: readonly string[];
}

/** The limits of a wait, and a count. */
export type RemoteLimits = WaitOptions & { count?: unknown };

/** The options of all waiting methods together; the owner knows which method takes which. */
export const LIMITS: OptionNames<RemoteLimits> = optionNames<RemoteLimits>({
  timeout: true,
  signal: true,
  count: true,
});

const links = new WeakMap<object, RemoteLink>();
const prototypes = new Map<object, object>();

/** Whether an object is a proxy for one in another worker. */
export function isRemote(handle: object): boolean {
  return links.has(handle);
}

/** The description of a class whose objects other workers can use. */
export interface Served<H extends object, D> {
  readonly Class: { readonly prototype: H };
  /** The name of the class, which is lost in minified code. */
  readonly name: string;
  /** The URL of the class's module. */
  readonly module: string;
  /** The data from which another worker makes a proxy for the object. */
  data(handle: H): D;
  make(data: D): H;
  readonly shape: RemoteShape;
}

/** Registers a class whose objects stay in place and are used through proxies. `more` adds to the registered kind. */
export function isServed<H extends object, D>(
  served: Served<H, D>,
  more: Partial<Pick<HandleKind<H>, "given" | "call" | "takeBack">> = {},
): void {
  registerKind(served.Class.prototype, { ...servedKind(served), ...more });
}

/** The part of a kind that serves workers without the object's memory. */
export function servedKind<H extends object, D>(
  { name, module, data, make, shape }: Served<H, D>,
): Omit<HandleKind<H>, "share" | "restore"> {
  return {
    name,
    module,
    describe: data,
    remote: (link, data: D) => makeRemote(make(data), link, shape),
    call: (handle, scope, method, args, signal) => callFor(handle, shape, scope, method, args, signal),
  };
}

/** Turns a new object into a proxy that uses a link for every operation. */
function makeRemote<H extends object>(handle: H, link: RemoteLink, shape: RemoteShape): H {
  const own = Object.getPrototypeOf(handle) as object;
  let prototype = prototypes.get(own);
  if (prototype === undefined) prototypes.set(own, prototype = remotePrototype(own, shape));
  links.set(handle, link);
  return Object.setPrototypeOf(handle, prototype) as H;
}

/** Calls a method on behalf of another worker, in the context of the remote caller. */
export function callFor(
  handle: object,
  shape: RemoteShape,
  scope: Scope,
  method: string,
  args: unknown[],
  signal: AbortSignal,
): unknown {
  const waits = shape.waits.includes(method);
  if (!waits && !shape.posts.includes(method) && !shape.calls?.includes(method)) {
    throw new TypeError(`Cannot call '${method}' from another worker: it is not a remote method`);
  }
  const methods = handle as Record<string, (...args: unknown[]) => unknown>;
  const given = [...args];
  if (waits) {
    const place = shape.limitsAt?.[method] ?? 0;
    given[place] = { ...(args[place] as WaitOptions | undefined), signal };
  }
  return inContextOf(scope, () => methods[method]!(...given));
}

function remotePrototype(own: object, { waits, limitsAt, calls = [], posts, made }: RemoteShape): object {
  const prototype = Object.create(own) as object;
  const define = (name: string, value: unknown) => Object.defineProperty(prototype, name, { value });
  for (const [name, { get }] of membersOf(own)) {
    if (waits.includes(name)) {
      const place = limitsAt?.[name] ?? 0;
      define(name, function (this: object, ...args: unknown[]): Promise<unknown> {
        const given = [...args];
        try {
          const { signal, ...limits } = readOptions<RemoteLimits>(
            `Cannot call '${name}' as 'options'`,
            args[place] === undefined ? {} : args[place] as RemoteLimits,
            LIMITS,
          );
          given[place] = limits;
          return links.get(this)!.call(name, given, { scope: currentContext(), signal });
        } catch (error) {
          return Promise.reject(error);
        }
      });
    } else if (calls.includes(name)) {
      define(name, function (this: object, ...args: unknown[]): Promise<unknown> {
        return links.get(this)!.call(name, args, { scope: currentContext() });
      });
    } else if (posts.includes(name)) {
      define(name, function (this: object, ...args: unknown[]): void {
        links.get(this)!.post(name, args, currentContext());
      });
    } else if (!made.includes(name)) {
      const refuse = () => {
        throw new InvalidStateError(
          `Cannot use '${name}' outside the worker that owns the object: only asynchronous waits work here`,
        );
      };
      Object.defineProperty(prototype, name, get !== undefined ? { get: refuse } : { value: refuse });
    }
  }
  return prototype;
}
