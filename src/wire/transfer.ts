/**
 * Marks objects to be transferred instead of copied.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { sharedByCopies } from "../core/copy.ts";

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** The objects that will be moved with the next call or result that contains them. */
const moving = sharedByCopies("moving", () => new WeakSet<object>());

/** The transferable types of the host, whose own type may not be named `Transferable`. */
export type Movable = NonNullable<NonNullable<Parameters<typeof structuredClone>[1]>["transfer"]>[number];

/**
 * Marks a value, or the objects in a list, to be moved instead of copied, as an argument of the next call or as a
 * task's result.
 *
 * A moved ArrayBuffer is detached on this side once the call has been accepted, in thread pools and in process pools. A
 * rejected call does not detach it. Other transferable objects can be moved to threads only. A `Buffer` that is a part
 * of the host's pool is copied, because other buffers share its memory.
 *
 * @param value an ArrayBuffer, a view on one or a MessagePort, or any value together with a `list`.
 * @param list the objects to move, if `value` itself is not one.
 * @returns `value`.
 * @throws {TypeError} if an object is not transferable.
 *
 * @example Move a buffer into a task
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, ThreadPoolExecutor, transfer } from "@heddle/heddle";
 *
 * const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
 * const bytes = new Uint8Array(1024);
 * const size = inline((given: Uint8Array) => given.length);
 * assertEquals(await pool.submit(size, transfer(bytes)), 1024);
 * assertEquals(bytes.length, 0);
 * await pool.shutdown();
 * ```
 */
export function transfer<T>(value: T, list?: readonly Movable[]): T {
  const items: readonly unknown[] = list ?? [ArrayBuffer.isView(value) ? value.buffer : value];
  for (const item of items) {
    if (movable(item)) continue;
    throw new TypeError(`Cannot transfer a value that is not transferable: current value is ${show(item)}`);
  }
  if (list === undefined && ArrayBuffer.isView(value) && isPooled(value)) return value;
  for (const item of items) moving.add(item as object);
  return value;
}

/** Whether an object is marked to be moved. */
export function isMoving(value: object): boolean {
  return moving.has(value);
}

/**
 * Detaches the buffers that an accepted value moves, and replaces those among the attachments by the new owners of the
 * memory. Ports are detached when they are posted.
 */
export function detach(moved: readonly object[], attachments: object[]): void {
  for (const item of moved) {
    moving.delete(item);
    if (!(item instanceof ArrayBuffer) || item.detached) continue;
    const place = attachments.indexOf(item);
    const taken = item.transfer();
    if (place !== -1) attachments[place] = taken;
  }
}

/** Whether a view has a subclass, such as Buffer, and covers only a part of its buffer, which may be a shared pool. */
function isPooled(view: ArrayBufferView): boolean {
  const above: unknown = Object.getPrototypeOf(Object.getPrototypeOf(view));
  return above !== TYPED_ARRAY && above !== Object.prototype && view.byteLength < view.buffer.byteLength;
}

function movable(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) !== Object.prototype &&
    !Array.isArray(value) && !(value instanceof SharedArrayBuffer);
}
