// A reporter for Node's test runner: writes one JSON line when a test starts and one when it ends. Node's own reporters report a
// test only when it is over, which leaves a hanging test without a name. Plain JavaScript: Node loads reporters as such.

/** Turns the runner's events into lines, which report.ts reads. */
export default async function* report(events) {
  const path = [];
  for await (const { type, data } of events) {
    if (type !== "test:dequeue" && type !== "test:start" && type !== "test:pass" && type !== "test:fail") {
      continue;
    }
    const { name, nesting } = data;
    path.length = nesting;
    path[nesting] = name;
    const full = path.join(" > ");
    if (type === "test:dequeue") yield line({ event: "start", name: full });
    if (type === "test:pass" || type === "test:fail") {
      const skipped = data.skip !== undefined || data.todo !== undefined;
      const outcome = skipped ? "skipped" : type === "test:pass" ? "passed" : "failed";
      const time = Math.round(data.details?.duration_ms ?? 0);
      yield line({ event: "end", name: full, outcome, detail: detailOf(data.details?.error), time });
    }
  }
}

function line(value) {
  return `${JSON.stringify(value)}\n`;
}

function detailOf(error) {
  if (error === undefined) return "";
  const cause = error.cause;
  return String(cause?.stack ?? cause ?? error.message);
}
