// Deep equality like that of `@std/assert`, as far as our tests depend on it: same prototype, same own keys, `NaN` equals `NaN`,
// `0` equals `-0`. It is stricter in one case: it also compares the name and message of errors, which the original does not. So
// no comparison passes here that fails there.

type Pairs = Map<object, object>;

/** Tells whether two values are deeply equal. */
export function equal(a: unknown, b: unknown): boolean {
  return same(a, b, new Map());
}

function same(a: unknown, b: unknown, seen: Pairs): boolean {
  if (a === b || (a !== a && b !== b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (prototypeOf(a) !== prototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b);
  if (ArrayBuffer.isView(a)) return sameBytes(bytesOf(a), bytesOf(b as ArrayBufferView));
  if (a instanceof ArrayBuffer || a instanceof SharedArrayBuffer) {
    return sameBytes(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  }
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Error && !sameError(a, b as Error)) return false;
  if (a instanceof Map) return sameMap(a, b as Map<unknown, unknown>, seen) && sameKeys(a, b, seen);
  if (a instanceof Set) return sameSet(a, b as Set<unknown>) && sameKeys(a, b, seen);
  if (Array.isArray(a) && isDense(a) && isDense(b as unknown[])) return sameItems(a, b as unknown[], seen);
  return sameKeys(a, b, seen);
}

function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function sameError(a: Error, b: Error): boolean {
  return a.name === b.name && a.message === b.message;
}

function sameMap(a: Map<unknown, unknown>, b: Map<unknown, unknown>, seen: Pairs): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    if (b.has(key) && same(value, b.get(key), seen)) continue;
    const twin = [...b].some(([other, held]) => equal(key, other) && equal(value, held));
    if (!twin) return false;
  }
  return true;
}

function sameSet(a: Set<unknown>, b: Set<unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) {
    if (!b.has(item) && ![...b].some((other) => equal(item, other))) return false;
  }
  return true;
}

function sameItems(a: readonly unknown[], b: readonly unknown[], seen: Pairs): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!same(a[i], b[i], seen)) return false;
  }
  return true;
}

/** Tells whether an array has only its items: then it need not be compared key by key, which is much slower. */
function isDense(items: readonly unknown[]): boolean {
  const keys = enumerableKeys(items);
  // Indices come first, in ascending order.
  return keys.length === items.length && (keys.length === 0 || keys.at(-1) === `${items.length - 1}`);
}

function sameKeys(a: object, b: object, seen: Pairs): boolean {
  const keys = enumerableKeys(a);
  if (keys.length !== enumerableKeys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(Reflect.get(a, key), Reflect.get(b, key), seen));
}

function enumerableKeys(value: object): PropertyKey[] {
  const keys: PropertyKey[] = Object.keys(value);
  for (const key of Object.getOwnPropertySymbols(value)) {
    if (Object.prototype.propertyIsEnumerable.call(value, key)) keys.push(key);
  }
  return keys;
}
