/**
 * Registers error classes, so that errors keep their class across workers.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { addErrorClass } from "../wire/error_codec.ts";

/**
 * Registers an error class, so that its instances keep their class across workers.
 *
 * Call it on both sides, usually in the module that declares the class. The receiver makes an instance without calling
 * the constructor: own properties travel, private fields do not.
 *
 * @param errorClass a class that extends Error; both sides know it by its name.
 * @throws {TypeError} if `errorClass` does not extend Error or has no name.
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
      `Cannot register as 'errorClass' must be a named class that extends Error: current value is ${show(errorClass)}`,
    );
  }
  addErrorClass(errorClass, errorClass.name);
}
