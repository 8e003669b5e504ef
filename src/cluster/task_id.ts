/**
 * The ids of tasks, and of their jobs at the server.
 *
 * The engine refuses some ids and uses others for its own records, so that a key is encoded and prefixed.
 *
 * @module
 */

const KEY = "k.";
/** Ids that this library generates. */
const MADE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d+$/;
/** Characters that stay as they are; all others become four hexadecimal digits. */
const PLAIN = /^[A-Za-z0-9_-]$/;

/** Returns a generator of ids that are unique across programs. */
export function idMaker(): () => string {
  const program = crypto.randomUUID();
  let last = 0;
  return () => `${program}-${++last}`;
}

/** Returns the id of the job of a task. */
export function jobIdOf(id: string): string {
  if (MADE.test(id)) return id;
  let encoded = KEY;
  for (let i = 0; i < id.length; i++) {
    const unit = id[i]!;
    encoded += PLAIN.test(unit) ? unit : "." + id.charCodeAt(i).toString(16).padStart(4, "0");
  }
  return encoded;
}

/** Returns the id of the task of a job. */
export function taskIdOf(jobId: string): string {
  if (!jobId.startsWith(KEY)) return jobId;
  return jobId.slice(KEY.length).replace(
    /\.([0-9a-f]{4})/g,
    (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
  );
}
