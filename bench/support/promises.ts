// Compares a measured figure with a performance target.

export interface Promised {
  readonly id: string;
  readonly what: string;
  /** The peer whose figure ours is divided by; missing if the target is a time. */
  readonly peer?: string;
  /** A ratio, or nanoseconds without a peer. */
  readonly value: number;
  readonly bound: "at least" | "at most";
  readonly limit: number;
  readonly met: boolean;
}

/** A target for our time divided by a peer's. */
export function promiseRatio(id: string, what: string, peer: string, ratio: number, limit: number): Promised {
  return judge({ id, what, peer, value: Math.round(ratio * 100) / 100, limit });
}

/** A target for a time in milliseconds, with its limit in nanoseconds. */
export function promiseTime(id: string, what: string, milliseconds: number, limit: number): Promised {
  return judge({ id, what, value: Math.round(milliseconds * 1e6), limit });
}

/** Formats the limit of a target. */
export function sayLimit({ peer, bound, limit }: Pick<Promised, "peer" | "bound" | "limit">): string {
  return `${bound} ${limit}${peer === undefined ? " ns" : ""}`;
}

function judge(figure: Pick<Promised, "id" | "what" | "peer" | "value" | "limit">): Promised {
  return { ...figure, bound: "at most", met: figure.value <= figure.limit };
}
