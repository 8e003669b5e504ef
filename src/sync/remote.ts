/**
 * Objects in a worker that does not have their memory: the one that owns them stands in.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import { membersOf } from "../core/members.ts";
import { type OptionNames, optionNames, readOptions } from "../core/options.ts";
import type { WaitOptions } from "../core/wait_options.ts";
import { type HandleKind, registerKind, type Scope } from "../wire/handles.ts";
import type { RemoteLink } from "../wire/references.ts";
import { currentContext, inContextOf } from "./contexts.ts";

/** What the methods of a class become where its objects are not. Those not named throw there. */
export interface RemoteShape {
  /** Take the limits of a wait, and become a call of the owner. */
  readonly waits: readonly string[];
  /** Those of them whose limits are not the first argument, and which argument they are. */
  readonly limitsAt?: Readonly<Record<string, number>>;
  /** Take no limits, and become a call of the owner whose outcome is a promise. */
  readonly calls?: readonly string[];
  /** Return nothing, and become a message to the owner. */
  readonly posts: readonly string[];
  /** Are made of the others, and stay as they are. */
  readonly made: readonly string[];
}

/** The limits of a wait, and how much it is for. */
export type RemoteLimits = WaitOptions & { count?: unknown };

/** What the methods that wait take, all of them together: the owner knows which of them take what. */
export const LIMITS: OptionNames<RemoteLimits> = optionNames<RemoteLimits>({
  timeout: true,
  signal: true,
  count: true,
});

const links = new WeakMap<object, RemoteLink>();
const prototypes = new Map<object, object>();

/** Whether an object stands for one elsewhere. */
export function isRemote(handle: object): boolean {
  return links.has(handle);
}

/** What a class tells of itself so that its objects can be used from other workers. */
export interface Served<H extends object, D> {
  readonly Class: { readonly prototype: H };
  /** The name of the class, which minified code does not have. */
  readonly name: string;
  /** The address of its module. */
  readonly module: string;
  /** What another worker needs to make an object that stands for one here. */
  data(handle: H): D;
  make(data: D): H;
  readonly shape: RemoteShape;
}

/** Makes a class of objects travel that stay where they are. `more` is what the class does besides. */
export function isServed<H extends object, D>(
  served: Served<H, D>,
  more: Partial<Pick<HandleKind<H>, "given" | "call" | "takeBack">> = {},
): void {
  registerKind(served.Class.prototype, { ...servedKind(served), ...more });
}

/** The part of a kind that is about workers which do not have the memory. */
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

/** Turns an object that was just made into one that does everything through a link. */
function makeRemote<H extends object>(handle: H, link: RemoteLink, shape: RemoteShape): H {
  const own = Object.getPrototypeOf(handle) as object;
  let prototype = prototypes.get(own);
  if (prototype === undefined) prototypes.set(own, prototype = remotePrototype(own, shape));
  links.set(handle, link);
  return Object.setPrototypeOf(handle, prototype) as H;
}

/** Calls a method for another worker, in the context that it was called in there. */
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
    throw new TypeError(`Cannot call '${method}' from another worker`);
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
          `Cannot use '${name}' away from its owner: only the forms that wait asynchronously reach it`,
        );
      };
      Object.defineProperty(prototype, name, get !== undefined ? { get: refuse } : { value: refuse });
    }
  }
  return prototype;
}
