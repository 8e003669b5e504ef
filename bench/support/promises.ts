// A figure the project promises, held against what was measured.

export interface Promised {
  readonly id: string;
  readonly what: string;
  /** Whose figure ours is divided by; left out where the promise is a time. */
  readonly rival?: string;
  /** A ratio, or nanoseconds where there is no rival. */
  readonly value: number;
  readonly bound: "at least" | "at most";
  readonly limit: number;
  readonly met: boolean;
}

/** Our time over a rival's. */
export function promiseRatio(id: string, what: string, rival: string, ratio: number, limit: number): Promised {
  return judge({ id, what, rival, value: Math.round(ratio * 100) / 100, limit });
}

/** A time in milliseconds that stays below a number of nanoseconds. */
export function promiseTime(id: string, what: string, milliseconds: number, limit: number): Promised {
  return judge({ id, what, value: Math.round(milliseconds * 1e6), limit });
}

/** What was promised, in words. */
export function sayLimit({ rival, bound, limit }: Pick<Promised, "rival" | "bound" | "limit">): string {
  return `${bound} ${limit}${rival === undefined ? " ns" : ""}`;
}

function judge(figure: Pick<Promised, "id" | "what" | "rival" | "value" | "limit">): Promised {
  return { ...figure, bound: "at most", met: figure.value <= figure.limit };
}
