/**
 * Locks and queues that end with their manager.
 *
 * @module
 */

import { membersOf } from "../core/members.ts";
import { readOptions } from "../core/options.ts";
import { LIMITS, type RemoteLimits } from "../sync/remote.ts";
import { keepInPlace } from "../wire/handles.ts";
import { checkLife, type Life } from "./managed.ts";

/** Methods that wait, with the index of their limits among the arguments. */
const LIMITS_AT: Readonly<Record<string, number>> = { acquire: 0, get: 0, join: 0, put: 1, run: 1, wait: 0 };

const lives = new WeakMap<object, Life>();
const prototypes = new Map<object, object>();

/** Binds a new object to the life of a manager. The object stays in the manager's loop. */
export function guard<H extends object>(handle: H, life: Life): H {
  const own = Object.getPrototypeOf(handle) as object;
  let prototype = prototypes.get(own);
  if (prototype === undefined) prototypes.set(own, prototype = guarded(own));
  lives.set(handle, life);
  return Object.setPrototypeOf(handle, prototype) as H;
}

function guarded(own: object): object {
  const prototype = Object.create(own) as object;
  keepInPlace(prototype);
  for (const [name, { get, value }] of membersOf(own)) {
    if (get !== undefined) {
      Object.defineProperty(prototype, name, {
        get(this: object) {
          checkLife(lives.get(this)!);
          return get.call(this);
        },
      });
    } else if (name in LIMITS_AT) {
      Object.defineProperty(prototype, name, { value: waiting(value, LIMITS_AT[name]!) });
    } else {
      Object.defineProperty(prototype, name, {
        value(this: object, ...args: unknown[]) {
          checkLife(lives.get(this)!);
          return value.apply(this, args);
        },
      });
    }
  }
  return prototype;
}

type Method = (...args: unknown[]) => unknown;

/** Wraps a waiting method so that the wait ends with the manager. */
function waiting(method: Method, place: number): Method {
  return async function (this: object, ...args: unknown[]): Promise<unknown> {
    const life = lives.get(this)!;
    checkLife(life);
    const limits = readOptions<RemoteLimits>(
      "Cannot wait as 'options'",
      args[place] === undefined ? {} : args[place] as RemoteLimits,
      LIMITS,
    );
    const given = [...args];
    const signal = limits.signal instanceof AbortSignal ? AbortSignal.any([limits.signal, life.gone]) : life.gone;
    given[place] = { ...limits, signal };
    return await method.apply(this, given);
  };
}
