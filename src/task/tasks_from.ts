/**
 * Makes handles to the functions of a module that is not loaded here.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { mark, type TaskOf } from "./task.ts";

/** Handles to the functions that a module exports. */
export type Tasks<M> = {
  readonly [K in keyof M as M[K] extends (...args: never[]) => unknown ? K : never]: M[K] extends
    (...args: never[]) => unknown ? TaskOf<M[K]> : never;
};

/**
 * Returns typed handles to the functions of another module, which only workers load.
 *
 * @typeParam M the module's type: `typeof import("./work.ts")`.
 * @param url the module's absolute URL: `import.meta.resolve("./work.ts")`.
 * @throws {TypeError} if the URL is not absolute.
 *
 * @example Run what a module exports
 * ```ts ignore
 * import { tasksFrom, ThreadPoolExecutor } from "@heddle/heddle";
 *
 * const work = tasksFrom<typeof import("./work.ts")>(import.meta.resolve("./work.ts"));
 * const pool = new ThreadPoolExecutor();
 * console.log(await pool.submit(work.isPrime, 97));
 * ```
 */
export function tasksFrom<M>(url: string | URL): Tasks<M> {
  const address = String(url);
  if (!URL.canParse(address)) {
    throw new TypeError(
      `Cannot take tasks as 'url' must be an absolute URL, such as import.meta.resolve() returns: current value is ${
        show(url)
      }`,
    );
  }
  const handles = new Map<string, unknown>();
  return new Proxy(Object.create(null) as Tasks<M>, {
    get: (_target, key) => {
      // `await` reads `then`, if this object is the result of a promise.
      if (typeof key !== "string" || key === "then") return undefined;
      let handle = handles.get(key);
      if (handle === undefined) handles.set(key, handle = makeHandle(address, key));
      return handle;
    },
  });
}

function makeHandle(url: string, name: string): unknown {
  const handle = () => {
    throw new TypeError(
      `Cannot call '${name}' in place: its module is not loaded here (url is ${url}). Submit the task, or import the module`,
    );
  };
  return mark(handle, { url, name, source: undefined, fn: undefined });
}
