// Formats tables and numbers for a terminal.

/** Pads columns to their widest cell; the first is aligned left, the others right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)).join(
      "  ",
    ).trimEnd()
  );
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return lines.join("\n");
}

/** Formats a count with thousands separators: 1,234,567. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Formats a number with three significant digits, and a whole number in full. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Number.isInteger(value)) return count(value);
  return value >= 100 ? count(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Formats a duration in milliseconds, in the most readable unit. */
export function duration(milliseconds: number): string {
  if (milliseconds < 0.001) return `${digits(milliseconds * 1e6)} ns`;
  if (milliseconds < 1) return `${digits(milliseconds * 1000)} us`;
  return milliseconds < 1000 ? `${digits(milliseconds)} ms` : `${digits(milliseconds / 1000)} s`;
}
