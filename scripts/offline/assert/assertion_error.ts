/** The error of every failed assertion. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Joins the problem with the caller's message, in the wording of `@std/assert`. */
export function because(problem: string, msg: string | undefined): string {
  return msg === undefined ? `${problem}.` : `${problem}: ${msg}`;
}
