/** Formats a value for an assertion's message, shortened to a readable length. */
export function show(value: unknown): string {
  const text = describe(value, new Set());
  return text.length > 2_000 ? `${text.slice(0, 2_000)}...` : text;
}

function describe(value: unknown, above: Set<object>): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (above.has(value)) return "[circular]";
  const inside = new Set(above).add(value);
  const item = (part: unknown): string => describe(part, inside);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date || value instanceof RegExp || value instanceof URL) return String(value);
  if (Array.isArray(value)) return `[${value.map(item).join(", ")}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength} bytes)`;
  if (value instanceof Map) {
    return `Map {${[...value].map(([k, v]) => `${item(k)} => ${item(v)}`).join(", ")}}`;
  }
  if (value instanceof Set) return `Set {${[...value].map(item).join(", ")}}`;
  const entries = Object.entries(value).map(([key, part]) => `${key}: ${item(part)}`);
  const name = value.constructor?.name ?? "";
  return `${name === "Object" ? "" : `${name} `}{${entries.join(", ")}}`;
}
