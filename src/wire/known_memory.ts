/**
 * Shared memory that both ends of a channel know, so that it can be named instead of posted.
 *
 * To post shared memory costs as much as to copy half a megabyte. But the memory that bulk travels in goes back and forth:
 * once it has been copied out, its new owner uses it for what it sends next.
 *
 * @module
 */

/** How many pieces each end makes known: they are kept for as long as the channel. */
const MOST = 2;
/** Larger ones are worth a post. */
const MOST_BYTES = 2 * 1024 * 1024;
/** Says that a piece has no name. */
export const UNNAMED = 255;

/** What one end of a channel knows. */
export class KnownMemory {
  readonly #ours: { readonly memory: SharedArrayBuffer; away: boolean }[] = [];
  readonly #theirs: SharedArrayBuffer[] = [];

  /** The names of all pieces; undefined if the other end does not know one of them. */
  names(pieces: readonly ArrayBufferLike[]): number[] | undefined {
    const names = pieces.map((piece) => this.#nameOf(piece));
    if (names.includes(UNNAMED)) return undefined;
    return names.map((name) => this.#sent(name));
  }

  /** The names of pieces that are posted; from now on the other end knows some of them. */
  introduce(pieces: readonly ArrayBufferLike[]): number[] {
    return pieces.map((piece) => {
      const name = this.#nameOf(piece);
      return this.#sent(name === UNNAMED ? this.#nameNew(piece) : name);
    });
  }

  /** Takes pieces that were posted, with their names. */
  meet(pieces: readonly ArrayBufferLike[], names: readonly number[]): void {
    names.forEach((name, place) => {
      const piece = pieces[place];
      if (name === UNNAMED) return;
      if (name >= MOST) return void this.find(name);
      if (!(piece instanceof SharedArrayBuffer)) throw new RangeError("Cannot name memory that is not shared");
      this.#theirs[name] = piece;
    });
  }

  /**
   * Finds a piece that the other end names; it is ours to use now.
   *
   * @throws {RangeError} if there is none of that name.
   */
  find(name: number): SharedArrayBuffer {
    const mine = this.#ours[name - MOST];
    const memory = name < MOST ? this.#theirs[name] : mine?.memory;
    if (memory === undefined) throw new RangeError(`Cannot find memory that is named ${name}`);
    if (mine !== undefined) mine.away = false;
    return memory;
  }

  #nameOf(piece: ArrayBufferLike): number {
    const mine = this.#ours.findIndex(({ memory }) => memory === piece);
    if (mine !== -1) return mine;
    const theirs = this.#theirs.indexOf(piece as SharedArrayBuffer);
    return theirs === -1 ? UNNAMED : theirs + MOST;
  }

  /** Only what is here may lose its name: the other end may be about to use that of a piece it has. */
  #nameNew(piece: ArrayBufferLike): number {
    if (!(piece instanceof SharedArrayBuffer) || piece.byteLength > MOST_BYTES) return UNNAMED;
    let name = this.#ours.findIndex(({ away }) => !away);
    if (name === -1) name = this.#ours.length;
    if (name === MOST) return UNNAMED;
    this.#ours[name] = { memory: piece, away: true };
    return name;
  }

  #sent(name: number): number {
    if (name < MOST) this.#ours[name]!.away = true;
    return name;
  }
}
