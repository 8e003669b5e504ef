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

/** A piece, and whether the other end has it. */
interface Known {
  readonly memory: SharedArrayBuffer;
  away: boolean;
}

/** What one end of a channel knows. */
export class KnownMemory {
  readonly #ours: Known[] = [];
  readonly #theirs: Known[] = [];

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
      this.#theirs[name] = { memory: piece, away: false };
    });
  }

  /**
   * Finds a piece that the other end names; it is ours to use now.
   *
   * @throws {RangeError} if there is none of that name, or if the other end does not have it: another thread may have it by now.
   */
  find(name: number): SharedArrayBuffer {
    const known = name < MOST ? this.#theirs[name] : this.#ours[name - MOST];
    if (known?.away !== true) throw new RangeError(`Cannot take memory that is named ${name} from the other end`);
    known.away = false;
    return known.memory;
  }

  /** The name of a piece that is here. What the other end has is sent to it again without one, as after a recall. */
  #nameOf(piece: ArrayBufferLike): number {
    const isPiece = (known: Known | undefined) => known?.memory === piece && !known.away;
    const mine = this.#ours.findIndex(isPiece);
    if (mine !== -1) return mine;
    const theirs = this.#theirs.findIndex(isPiece);
    return theirs === -1 ? UNNAMED : theirs + MOST;
  }

  /** Only what is here may lose its name: the other end may be about to use that of a piece it has. */
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
