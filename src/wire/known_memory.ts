/**
 * Registers blocks of shared memory that both ends of a channel know, so that messages can name them instead of posting
 * them.
 *
 * Posting shared memory costs as much as copying half a megabyte. But blocks of large data travel back and forth: a
 * receiver copies the data out and then uses the block for its own next message.
 *
 * @module
 */

/** The number of blocks that each end registers; both ends keep them as long as the channel. */
const MOST = 2;
/** The maximum size of a registered block; for larger ones the cost of posting does not matter. */
const MOST_BYTES = 2 * 1024 * 1024;
/** Marks a block without a name. */
export const UNNAMED = 255;

/** A registered block, and whether the other end owns it now. */
interface Known {
  readonly memory: SharedArrayBuffer;
  away: boolean;
}

/** The registered blocks, as one end of a channel sees them. */
export class KnownMemory {
  readonly #ours: Known[] = [];
  readonly #theirs: Known[] = [];

  /** Returns the names of all blocks; undefined if the other end does not know one of them. */
  names(pieces: readonly ArrayBufferLike[]): number[] | undefined {
    const names = pieces.map((piece) => this.#nameOf(piece));
    if (names.includes(UNNAMED)) return undefined;
    return names.map((name) => this.#sent(name));
  }

  /** Returns the names of blocks that are posted; registers new blocks if possible. */
  introduce(pieces: readonly ArrayBufferLike[]): number[] {
    return pieces.map((piece) => {
      const name = this.#nameOf(piece);
      return this.#sent(name === UNNAMED ? this.#nameNew(piece) : name);
    });
  }

  /** Receives blocks that were posted with names. */
  meet(pieces: readonly ArrayBufferLike[], names: readonly number[]): void {
    names.forEach((name, place) => {
      const piece = pieces[place];
      if (name === UNNAMED) return;
      if (name >= MOST) return void this.find(name);
      if (!(piece instanceof SharedArrayBuffer)) throw new RangeError("Cannot name memory that is not shared");
      this.#theirs[name] = { memory: piece, away: false };
    });
  }

  /**
   * Finds a block by the name that the other end sent; this end owns it from now on.
   *
   * @throws {RangeError} if there is no such block, or if the other end does not own it: another thread may own it by
   * now.
   */
  find(name: number): SharedArrayBuffer {
    const known = name < MOST ? this.#theirs[name] : this.#ours[name - MOST];
    if (known?.away !== true) throw new RangeError(`Cannot find memory block ${name}: the other end does not own it`);
    known.away = false;
    return known.memory;
  }

  /**
   * Returns the name of a block that this end owns. A block that the other end owns is sent without a name, as after a
   * recall.
   */
  #nameOf(piece: ArrayBufferLike): number {
    const isPiece = (known: Known | undefined) => known?.memory === piece && !known.away;
    const mine = this.#ours.findIndex(isPiece);
    if (mine !== -1) return mine;
    const theirs = this.#theirs.findIndex(isPiece);
    return theirs === -1 ? UNNAMED : theirs + MOST;
  }

  /**
   * Registers a block. It may replace only a block that this end owns, because the other end may still use the name of
   * a block that it owns.
   */
  #nameNew(piece: ArrayBufferLike): number {
    if (!(piece instanceof SharedArrayBuffer) || piece.byteLength > MOST_BYTES) return UNNAMED;
    if ([...this.#ours, ...this.#theirs].some((known) => known?.memory === piece)) return UNNAMED;
    let name = this.#ours.findIndex(({ away }) => !away);
    if (name === -1) name = this.#ours.length;
    if (name === MOST) return UNNAMED;
    this.#ours[name] = { memory: piece, away: true };
    return name;
  }

  #sent(name: number): number {
    if (name !== UNNAMED) (name < MOST ? this.#ours[name] : this.#theirs[name - MOST])!.away = true;
    return name;
  }
}
