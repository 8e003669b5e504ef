/**
 * Moving instead of copying.
 *
 * @module
 */

import { show } from "../core/check.ts";
import { sharedByCopies } from "../core/copy.ts";

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** What will be moved with the next call or result that reaches it. */
const moving = sharedByCopies("moving", () => new WeakSet<object>());

/** What can be moved, by the types of the host, which need not have the name `Transferable`. */
export type Movable = NonNullable<NonNullable<Parameters<typeof structuredClone>[1]>["transfer"]>[number];

/**
 * Marks what a value holds to be moved instead of copied, as an argument of the next call or as a task's result.
 *
 * An ArrayBuffer that was moved is detached on this side, in thread and in process pools alike, once the call has been
 * accepted; a call that is refused leaves it alone. Other transferable objects can be moved to threads only. A `Buffer`
 * that is a part of the host's pool is copied, as its memory is not the caller's alone.
 *
 * @param value an ArrayBuffer, a view on one or a MessagePort, or any value together with a `list`.
 * @param list what to move, if it is not `value` itself.
 * @returns `value`.
 * @throws {TypeError} if there is nothing to move.
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
    throw new TypeError(`Cannot transfer as there is nothing to move: current value is ${show(item)}`);
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
 * Takes from the sender what an accepted value moves: buffers are detached here, and the attachments among them replaced
 * by buffers that nobody else has. Ports are detached when they are posted.
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

/** Whether a view is of a class of its own, such as Buffer, and a part of a buffer that its maker may share out. */
function isPooled(view: ArrayBufferView): boolean {
  const above: unknown = Object.getPrototypeOf(Object.getPrototypeOf(view));
  return above !== TYPED_ARRAY && above !== Object.prototype && view.byteLength < view.buffer.byteLength;
}

function movable(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) !== Object.prototype &&
    !Array.isArray(value) && !(value instanceof SharedArrayBuffer);
}
