// Plays every order of a few events, and compares each result with a model.

import { AssertionError } from "@std/assert";

/** The simplest description of the expected behaviour. */
export interface Model<State, Op> {
  readonly start: State;
  /**
   * Returns the possible next events; an empty list ends the sequence. Omitting events without effect keeps the number
   * of sequences small.
   */
  choices(state: State): readonly Op[];
  /** Returns the state after an event, and leaves the given state unchanged. */
  after(state: State, op: Op): State;
}

/** An event and the expected state after it. */
export interface Step<State, Op> {
  readonly op: Op;
  readonly after: State;
}

/**
 * Yields every sequence of `length` events, and shorter ones if no event is left.
 *
 * To interleave the steps of several threads, use the number of the next thread as the event.
 */
export function* sequences<State, Op>(
  model: Model<State, Op>,
  length: number,
): Generator<readonly Step<State, Op>[], void, undefined> {
  const steps: Step<State, Op>[] = [];
  yield* extend(model.start);

  function* extend(state: State): Generator<readonly Step<State, Op>[], void, undefined> {
    const choices = steps.length < length ? model.choices(state) : [];
    if (choices.length === 0 && steps.length > 0) yield [...steps];
    for (const op of choices) {
      const after = model.after(state, op);
      steps.push({ op, after });
      yield* extend(after);
      steps.pop();
    }
  }
}

/** Yields every order of the items, in lexicographic order. */
export function* permutations<T>(items: readonly T[]): Generator<T[], void, undefined> {
  if (items.length === 0) yield [];
  for (const [index, first] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) yield [first, ...rest];
  }
}

/** Plays every sequence on the real object. `play` returns a new player for each sequence. */
export async function playAll<State, Op>(
  model: Model<State, Op>,
  length: number,
  play: () => Player<State, Op>,
): Promise<number> {
  let count = 0;
  let before: readonly Step<State, Op>[] = [];
  for (const steps of sequences(model, length)) {
    const player = play();
    let done = 0;
    try {
      // Steps that are equal to those of the previous sequence have been compared there.
      let known = true;
      for (const step of steps) {
        if (step !== before[done]) known = false;
        done++;
        await player.step(step.op);
        if (!known) player.check(step.after);
      }
      await player.end(steps.at(-1)!.after);
    } catch (cause) {
      const path = steps.slice(0, done).map(({ op }) => JSON.stringify(op)).join(", ");
      throw new AssertionError(`After ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
    before = steps;
    count++;
  }
  return count;
}

/** The object under test. */
export interface Player<State, Op> {
  /** Performs an event and everything that follows from it. */
  step(op: Op): void | Promise<void>;
  /** Fails unless the object matches the model. */
  check(expected: State): void;
  /** Ends everything that was started; fails if something is left. */
  end(expected: State): void | Promise<void>;
}
