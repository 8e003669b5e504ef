/**
 * Error classes that keep their class on the way.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { addErrorClass } from "../wire/error_codec.ts";

/**
 * Makes an error class known, so that its instances arrive as such. To be called on both sides, usually in the module
 * that declares the class. Instances are made without calling the constructor: own properties travel, private fields
 * do not.
 *
 * @param errorClass a class that extends Error; it is known by its name.
 * @throws {TypeError} if it is not one, or has no name.
 *
 * @example Catch an error by its class
 * ```ts
 * import { assertInstanceOf } from "@std/assert";
 * import { InlineExecutor, registerError, task } from "@heddle/heddle";
 *
 * class QuotaError extends Error {}
 * registerError(QuotaError);
 * const spend = task(import.meta, function spend(): never {
 *   throw new QuotaError("used up");
 * });
 * assertInstanceOf(await new InlineExecutor().submit(spend).exception(), QuotaError);
 * ```
 */
export function registerError<E extends Error>(errorClass: new (...args: never[]) => E): void {
  const prototype = (errorClass as { prototype?: unknown } | undefined)?.prototype;
  if (typeof errorClass !== "function" || !(prototype instanceof Error) || errorClass.name === "") {
    throw new TypeError(
      `Cannot register an error class that does not extend Error: current value is ${show(errorClass)}`,
    );
  }
  addErrorClass(errorClass, errorClass.name);
}
