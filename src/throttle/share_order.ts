/**
 * A priority queue of members by their share, smallest first.
 *
 * @module
 */

/** A member of the order. Only the order writes these fields. */
export interface Placed {
  /** The number of permits that the member's key has in use. */
  share: number;
  placed: boolean;
  row: Row | undefined;
  before: Placed | undefined;
  after: Placed | undefined;
}

/** The members with the same share, in order of arrival. */
interface Row {
  readonly share: number;
  first: Placed | undefined;
  last: Placed | undefined;
}

/**
 * Members by their share: the smallest first, among equal ones first come, first served. Adding and deleting are O(1).
 * Deleting the last member of the smallest share is O(distinct shares): with n permits in use, fewer than the square
 * root of 2n.
 */
export class ShareOrder<T extends Placed> {
  readonly #rows = new Map<number, Row>();
  #least: Row | undefined;
  /** The only member, kept outside the rows. This is the most frequent case, as all callers often have the same key. */
  #only: T | undefined;

  /** The next member. */
  get first(): T | undefined {
    return this.#only ?? this.#least?.first as T | undefined;
  }

  /** Adds a member behind those with the same share. */
  add(member: T): void {
    member.placed = true;
    if (this.#only === undefined && this.#least === undefined) return void (this.#only = member);
    if (this.#only !== undefined) this.#insert(this.#only);
    this.#only = undefined;
    this.#insert(member);
  }

  /** Deletes a member. */
  delete(member: T): void {
    member.placed = false;
    if (this.#only === member) this.#only = undefined;
    else this.#remove(member);
  }

  /** Moves a member behind those with another share. */
  move(member: T, share: number): void {
    if (member.share === share) return;
    if (this.#only === member) return void (member.share = share);
    this.#remove(member);
    member.share = share;
    this.#insert(member);
  }

  #insert(member: T): void {
    const { share } = member;
    let row = this.#rows.get(share);
    if (row === undefined) {
      row = { share, first: undefined, last: undefined };
      this.#rows.set(share, row);
      if (this.#least === undefined || share < this.#least.share) this.#least = row;
    }
    member.row = row;
    member.before = row.last;
    member.after = undefined;
    if (row.last === undefined) row.first = member;
    else row.last.after = member;
    row.last = member;
  }

  #remove(member: T): void {
    const { row, before, after } = member;
    if (row === undefined) return;
    if (before === undefined) row.first = after;
    else before.after = after;
    if (after === undefined) row.last = before;
    else after.before = before;
    member.row = member.before = member.after = undefined;
    if (row.first === undefined) this.#drop(row);
  }

  #drop(row: Row): void {
    this.#rows.delete(row.share);
    if (this.#least !== row) return;
    this.#least = undefined;
    for (const other of this.#rows.values()) {
      if (this.#least === undefined || other.share < this.#least.share) this.#least = other;
    }
  }
}
