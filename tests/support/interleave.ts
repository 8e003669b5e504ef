// Every order of a few events, each with what a model says must hold after it.

import { AssertionError } from "@std/assert";

/** What should happen, said as simply as possible. */
export interface Model<State, Op> {
  readonly start: State;
  /** What may happen next. Leaving out what changes nothing keeps the number of sequences down; none ends the sequence. */
  choices(state: State): readonly Op[];
  /** Returns the state after an event; the one before stays as it is. */
  after(state: State, op: Op): State;
}

/** An event and what must hold after it. */
export interface Step<State, Op> {
  readonly op: Op;
  readonly after: State;
}

/**
 * Makes every sequence of `length` events, and those that end earlier as nothing is left to happen. The orders in which the
 * steps of several threads can mix are sequences too: of the numbers of the threads that have steps left.
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

/** Makes every order of a few things, in the order of a dictionary. */
export function* permutations<T>(items: readonly T[]): Generator<T[], void, undefined> {
  if (items.length === 0) yield [];
  for (const [index, first] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) yield [first, ...rest];
  }
}

/** Plays every sequence on the real thing. `play` starts afresh each time, and returns what compares it after a step. */
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
      // How the sequence before began has been compared.
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

/** The real thing. */
export interface Player<State, Op> {
  /** Lets an event happen, and everything that follows from it. */
  step(op: Op): void | Promise<void>;
  /** Fails unless the real thing is as the model says. */
  check(expected: State): void;
  /** Ends what was started; fails if something is left behind. */
  end(expected: State): void | Promise<void>;
}
