// The common interface of all compared pools.

/** An open pool, whose workers have started or start on demand. */
export interface Pool {
  add(a: number, b: number): PromiseLike<number>;
  echo(bytes: Uint8Array): PromiseLike<Uint8Array>;
  isPrime(n: number): PromiseLike<boolean>;
  close(): PromiseLike<unknown>;
}

export type Kind = "thread" | "process";

/** The role in the comparison: ours, a peer, or the lower bound set by bare messages. */
export type Role = "ours" | "peer" | "raw";

export interface Peer {
  readonly name: string;
  readonly kind: Kind;
  readonly role: Role;
  open(workers: number): Promise<Pool>;
}
