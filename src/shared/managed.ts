/**
 * Objects that live with a manager, and how they are reached from anywhere.
 *
 * @module
 */

import { InvalidStateError } from "../core/errors.ts";
import { importModule } from "../core/import_module.ts";
import type { TaskAddress } from "../task/address.ts";
import { addressOf, requireDefinition } from "../task/task.ts";
import { registerKind } from "../wire/handles.ts";
import { copyValue } from "../wire/one_loop.ts";
import type { RemoteLink } from "../wire/references.ts";
import { findFunction, type TaskFunction } from "../worker/function_loader.ts";

/** How long a manager lives. */
export interface Life {
  readonly gone: AbortSignal;
}

/** Throws if a manager is gone. */
export function checkLife({ gone }: Life): void {
  gone.throwIfAborted();
}

/** The reason for which everything of a manager ends. */
export function goneError(): InvalidStateError {
  return new InvalidStateError("Cannot use an object of a manager that is gone");
}

/** What an object does; nothing in it is copied, and nobody else has what it is given. */
export interface Core {
  /** Its methods, each a name that may be called from anywhere. */
  readonly methods: { readonly [name: string]: (...args: never[]) => unknown };
  /** Puts what a function makes of the present value in its place, with nothing in between. */
  update(key: unknown, fn: TaskFunction, args: unknown[]): Promise<unknown>;
  /** Puts back what a method took, as its answer cannot be sent. */
  takeBack?(method: string, args: unknown[], answer: unknown): void;
}

/** The way to an object from where one is. */
export interface Place {
  call(method: string, args: unknown[]): Promise<unknown>;
  update(key: unknown, task: unknown, args: unknown[]): Promise<unknown>;
  /** Does what another worker asks for. */
  serve(method: string, args: unknown[]): Promise<unknown>;
  /** Puts back what a call of another worker took, as the answer cannot be sent. */
  takeBack?(method: string, args: unknown[], answer: unknown): void;
}

const UPDATE = "update";

/** An object in this loop. */
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

/** An object elsewhere. */
function placeThere(link: RemoteLink): Place {
  const call = (method: string, args: unknown[]) => link.call(method, args, { scope: 0 });
  return {
    call,
    // A function does not travel, but where it can be found does.
    update: async (key, task, args) => await call(UPDATE, [key, addressOf(requireDefinition(task)), args]),
    serve: call,
  };
}

/** Makes the objects of a class travel. */
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

/** What a function makes of a value: neither what it does to it nor what it keeps of it is seen by others. */
export async function changed<T>(value: T, fn: TaskFunction, args: unknown[]): Promise<T> {
  return copyValue(await fn(copyValue(value, "value"), ...args), "result") as T;
}

/** Lets updates of the same key follow each other. */
export class Turns {
  readonly #last = new Map<unknown, Promise<unknown>>();

  /** Runs a function after all that was asked for with the same key before; at once if that is nothing. */
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
