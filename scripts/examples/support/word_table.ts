// Counts words as bytes: a hash table that holds each distinct word once, in UTF-8 and in lower case.
//
// A map from strings to numbers is shorter, but needs a string for every word. Two threads that make 12 million strings
// are slowed down by the garbage collector and the memory bus: two workers gained 1.4 with strings and 1.8 with bytes. A table
// of bytes also travels without being encoded.

/** A word is a letter with the letters, marks, digits and underscores that follow it. */
const WORD = /\p{L}[\p{L}\p{M}\p{N}_]*/gu;
const FIRST_LETTER = 0x61, NON_ASCII = 0x80;
/** For each byte: its lower case if it is part of a word, `NON_ASCII` if the regular expression must decide, else 0. */
const PART = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= NON_ASCII) return NON_ASCII;
  return /\w/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte).toLowerCase().charCodeAt(0) : 0;
});
/** Constants of the hash FNV-1a (Fowler, Noll, Vo 1991). */
const SEED = 0x811c9dc5, PRIME = 0x01000193;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The content of a {@linkcode WordTable} as three buffers, whatever the number of words. */
export interface WordCounts {
  /** The distinct words, concatenated in the order of their first occurrence. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The end of each word in `bytes`. */
  ends: Uint32Array<ArrayBuffer>;
  /** The count of each word. */
  counts: Uint32Array<ArrayBuffer>;
}

/** Words and their counts. */
export class WordTable implements Iterable<[word: string, count: number]> {
  #bytes = new Uint8Array(64 * 1024);
  #ends = new Uint32Array(1024);
  #counts = new Uint32Array(1024);
  #hashes = new Int32Array(1024);
  /** Open addressing with linear probing: the number of a word plus 1, or 0. At most half of the slots are used. */
  #slots = new Int32Array(2048);
  #size = 0;

  /** The number of distinct words. */
  get size(): number {
    return this.#size;
  }

  /** Counts the words of a text, which must end with a whole word, and returns how many there were. */
  add(text: Uint8Array): number {
    let words = 0;
    this.#reserve(text.length);
    const { length } = text;
    for (let at = 0; at < length;) {
      let byte = PART[text[at]!]!;
      // A digit or an underscore begins no word.
      if (byte < FIRST_LETTER) {
        at++;
        continue;
      }
      const start = at, bytes = this.#bytes, from = this.#used;
      let to = from, hash = SEED;
      while (byte !== 0 && byte !== NON_ASCII) {
        bytes[to++] = byte;
        hash = Math.imul(hash ^ byte, PRIME);
        byte = ++at < length ? PART[text[at]!]! : 0;
      }
      if (byte === NON_ASCII) {
        while (at < length && PART[text[at]!] !== 0) at++;
        words += this.#addAny(text.subarray(start, at));
        this.#reserve(length - at);
      } else {
        this.#count(to, hash, 1);
        words++;
      }
    }
    return words;
  }

  /** Adds the counts of another table. */
  merge({ bytes, ends, counts }: WordCounts): void {
    let start = 0;
    for (let i = 0; i < ends.length; i++) {
      this.#addWord(bytes.subarray(start, ends[i]), counts[i]!);
      start = ends[i]!;
    }
  }

  /** Returns all words and their counts in new buffers. */
  toCounts(): WordCounts {
    return {
      bytes: this.#bytes.slice(0, this.#used),
      ends: this.#ends.slice(0, this.#size),
      counts: this.#counts.slice(0, this.#size),
    };
  }

  /** Tells whether another table has the same words with the same counts. */
  equals(other: WordTable): boolean {
    if (this.#size !== other.#size) return false;
    const same = new WordTable();
    same.merge(this.toCounts());
    same.merge(other.toCounts());
    return same.#size === this.#size && this.#counts.every((count, i) => same.#counts[i] === 2 * count);
  }

  /** Returns the most frequent words, most frequent first; words of equal count in character order. */
  mostFrequent(most: number): [word: string, count: number][] {
    const least = this.#counts.slice(0, this.#size).sort().at(-most) ?? 0;
    const found: [string, number][] = [];
    for (let i = 0; i < this.#size; i++) if (this.#counts[i]! >= least) found.push([this.#word(i), this.#counts[i]!]);
    return found.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, most);
  }

  *[Symbol.iterator](): Generator<[word: string, count: number]> {
    for (let i = 0; i < this.#size; i++) yield [this.#word(i), this.#counts[i]!];
  }

  /** Counts the words in a run of letters that are not all ASCII. */
  #addAny(run: Uint8Array): number {
    const words = decoder.decode(run).toLowerCase().match(WORD) ?? [];
    for (const word of words) this.#addWord(encoder.encode(word), 1);
    return words.length;
  }

  #addWord(word: Uint8Array, count: number): void {
    this.#reserve(word.length);
    let to = this.#used, hash = SEED;
    for (let i = 0; i < word.length; i++) {
      this.#bytes[to++] = word[i]!;
      hash = Math.imul(hash ^ word[i]!, PRIME);
    }
    this.#count(to, hash, count);
  }

  /** Counts the word written after the last one, up to `end`. It stays there only if it is new. */
  #count(end: number, hash: number, count: number): void {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ hash >>> 15) & mask;
    for (let number = this.#slots[slot]!; number !== 0; number = this.#slots[slot]!) {
      if (this.#hashes[number - 1] === hash && this.#isWord(number - 1, end)) {
        this.#counts[number - 1]! += count;
        return;
      }
      slot = (slot + 1) & mask;
    }
    if (this.#size === this.#ends.length) this.#grow();
    this.#ends[this.#size] = end;
    this.#hashes[this.#size] = hash;
    this.#counts[this.#size] = count;
    this.#size++;
    if (this.#slots.length !== mask + 1) this.#insert(this.#size - 1);
    else this.#slots[slot] = this.#size;
  }

  #isWord(number: number, end: number): boolean {
    const used = this.#used, start = this.#start(number);
    if (this.#ends[number]! - start !== end - used) return false;
    for (let i = end - used; i-- > 0;) if (this.#bytes[start + i] !== this.#bytes[used + i]) return false;
    return true;
  }

  /** Doubles the capacity and rebuilds the slots. */
  #grow(): void {
    this.#ends = enlarged(this.#ends, 2 * this.#size);
    this.#counts = enlarged(this.#counts, 2 * this.#size);
    const hashes = new Int32Array(2 * this.#size);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Int32Array(4 * this.#size);
    for (let number = 0; number < this.#size; number++) this.#insert(number);
  }

  #insert(number: number): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes[number]!;
    let slot = (hash ^ hash >>> 15) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
  }

  /** Makes room for this many bytes after the last word. */
  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  get #used(): number {
    return this.#start(this.#size);
  }

  #start(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1]!;
  }

  #word(number: number): string {
    return decoder.decode(this.#bytes.subarray(this.#start(number), this.#ends[number]));
  }
}

function enlarged(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
