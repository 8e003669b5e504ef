/**
 * Managed objects, and access to them from any worker.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import { importModule } from "../core/import_module.ts";
import type { TaskAddress } from "../task/address.ts";
import { addressOf, requireDefinition } from "../task/task.ts";
import { registerKind, type RemoteLink } from "../wire/handles.ts";
import { copyValue } from "../wire/one_loop.ts";
import { findFunction, type TaskFunction } from "../worker/function_loader.ts";

/** The lifetime of a manager. */
export interface Life {
  readonly gone: AbortSignal;
}

/** Throws if the manager is shut down. */
export function checkLife({ gone }: Life): void {
  gone.throwIfAborted();
}

/** The error of all operations after the manager's shutdown. */
export function goneError(): InvalidStateError {
  return new InvalidStateError("Cannot use a managed object: its manager is shut down");
}

/** The implementation of an object. It copies nothing: its arguments are already copies. */
export interface Core {
  /** The methods that may be called from any worker. */
  readonly methods: { readonly [name: string]: (...args: never[]) => unknown };
  /** Replaces a value atomically with the result of a function of the current value. */
  update(key: unknown, fn: TaskFunction, args: unknown[]): Promise<unknown>;
  /** Puts back what a method took, because its answer cannot be sent. */
  takeBack?(method: string, args: unknown[], answer: unknown): void;
}

/** Access to an object from this worker. */
export interface Place {
  call(method: string, args: unknown[]): Promise<unknown>;
  update(key: unknown, task: unknown, args: unknown[]): Promise<unknown>;
  /** Serves a call of another worker. */
  serve(method: string, args: unknown[]): Promise<unknown>;
  /** Puts back what a call of another worker took, because its answer cannot be sent. */
  takeBack?(method: string, args: unknown[], answer: unknown): void;
}

const UPDATE = "update";

/** Access to an object in this loop. */
export function placeHere({ methods, update, takeBack }: Core, life: Life): Place {
  const alive = async <T>(doing: () => T): Promise<Awaited<T>> => {
    checkLife(life);
    const result = await doing();
    checkLife(life);
    return result;
  };
  return {
    call: (method, args) =>
      alive(async () => copyValue(await methods[method]!(...copyValue(args, "args") as never[]), "result")),
    update: (key, task, args) =>
      alive(async () => {
        const definition = requireDefinition(task);
        const fn = definition.fn as TaskFunction | undefined ?? await findFunction(addressOf(definition), importModule);
        const [at, rest] = copyValue([key, args] as const, "args");
        return copyValue(await update(at, fn, rest), "result");
      }),
    serve: (method, args) =>
      alive(async () => {
        if (method !== UPDATE) {
          if (!Object.hasOwn(methods, method)) throw new TypeError(`Cannot call '${method}' from another worker`);
          return await methods[method]!(...args as never[]);
        }
        const [key, address, rest] = args as [unknown, TaskAddress, unknown[]];
        return await update(key, await findFunction(address, importModule), rest);
      }),
    ...takeBack === undefined ? {} : { takeBack },
  };
}

/** Access to an object in another worker. */
function placeThere(link: RemoteLink): Place {
  const call = (method: string, args: unknown[]) => link.call(method, args, { scope: 0 });
  return {
    call,
    // A function cannot travel, but its address can.
    update: async (key, task, args) => await call(UPDATE, [key, addressOf(requireDefinition(task)), args]),
    serve: call,
  };
}

/** Registers a class whose objects can be used from any worker. */
export function registerManaged<H extends object>(
  Class: { readonly prototype: H },
  name: string,
  module: string,
  placeOf: (handle: H) => Place,
  make: (place: Place) => H,
): void {
  registerKind<H>(Class.prototype, {
    name,
    module,
    describe: () => undefined,
    remote: (link) => make(placeThere(link)),
    call: (handle, _scope, method, args) => placeOf(handle).serve(method, args),
    takeBack: (handle, _scope, method, args, answer) => placeOf(handle).takeBack?.(method, args, answer),
  });
}

/** Applies a function to a copy of a value and copies the result, so that nothing the function keeps is shared. */
export async function changed<T>(value: T, fn: TaskFunction, args: unknown[]): Promise<T> {
  return copyValue(await fn(copyValue(value, "value"), ...args), "result") as T;
}

/** Serializes updates of the same key. */
export class Turns {
  readonly #last = new Map<unknown, Promise<unknown>>();

  /** Runs a function after all earlier calls with the same key; immediately if there are none. */
  async run<T>(key: unknown, fn: () => T): Promise<Awaited<T>> {
    const before = this.#last.get(key);
    const mine = before === undefined ? (async () => await fn())() : before.then(fn, fn) as Promise<Awaited<T>>;
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
