/**
 * Passes internal arguments to public constructors, whose signatures do not have them.
 *
 * @module
 */

/** Holds the argument of the object that is about to be constructed. */
export class Handover<T> {
  #value: T | undefined;

  /** Constructs an object by a function, whose constructor takes the value. */
  give<R>(value: T, make: () => R): R {
    this.put(value);
    try {
      return make();
    } finally {
      this.#value = undefined;
    }
  }

  /** Stores the value for the next constructor, which must take it: in a subclass, code before `super()` has no object. */
  put(value: T): void {
    this.#value = value;
  }

  /** Takes the value; undefined if the program called the constructor itself. */
  take(): T | undefined {
    const value = this.#value;
    this.#value = undefined;
    return value;
  }
}
