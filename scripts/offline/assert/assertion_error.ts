/** What every failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Joins what went wrong with what the caller says about it, the way `@std/assert` words it. */
export function because(problem: string, msg: string | undefined): string {
  return msg === undefined ? `${problem}.` : `${problem}: ${msg}`;
}
