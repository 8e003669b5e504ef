// Registers one test for each kind of actor, and ends everything that the test started.

import { test } from "node:test";
import {
  type ActorClass,
  type ActorConstructor,
  ProcessActor,
  type ProcessActorOptions,
  type StartArguments,
  ThreadActor,
} from "../../mod.ts";
import { Folder, type Gate } from "./gate.ts";
import { within } from "./poll.ts";
import { CLOSE_LIMIT, TEST_LIMIT } from "./timing.ts";

/** An actor of either kind. */
export type Actor<C extends ActorConstructor> = ThreadActor<C> | ProcessActor<C>;

/** A kind of actor. */
export interface Kind {
  readonly name: "ThreadActor" | "ProcessActor";
  make<C extends ActorConstructor>(
    cls: ActorClass<C>,
    ...rest: StartArguments<ConstructorParameters<C>, ProcessActorOptions>
  ): Actor<C>;
}

export const THREAD_ACTORS: Kind = { name: "ThreadActor", make: (cls, ...rest) => new ThreadActor(cls, ...rest) };
export const PROCESS_ACTORS: Kind = { name: "ProcessActor", make: (cls, ...rest) => new ProcessActor(cls, ...rest) };

/** The argument of a test. */
export interface Stage {
  readonly kind: Kind;
  /** Creates an actor, which is ended after the test. */
  make: Kind["make"];
  /** Creates a gate, which is opened after the test. */
  gate(): Gate;
  /** Returns the path of a file that does not exist; the file is removed after the test. */
  file(name: string): string;
}

/** Registers a test for each kind, named by the kind and the behaviour. */
export function testActors(
  behaviour: string,
  fn: (stage: Stage) => void | Promise<void>,
  { kinds = [THREAD_ACTORS, PROCESS_ACTORS], limit = TEST_LIMIT }: { kinds?: readonly Kind[]; limit?: number } = {},
): void {
  for (const kind of kinds) {
    const name = kind.name + (/^[a-zA-Z.]+\(|^\[/.test(behaviour) ? "." : " ") + behaviour;
    test(name, { timeout: limit }, () => onStage(kind, fn));
  }
}

async function onStage(kind: Kind, fn: (stage: Stage) => void | Promise<void>): Promise<void> {
  const made: Actor<ActorConstructor>[] = [];
  const folder = new Folder();
  const make: Kind["make"] = (cls, ...rest) => {
    const actor = kind.make(cls, ...rest);
    made.push(actor as Actor<ActorConstructor>);
    return actor;
  };
  try {
    await fn({ kind, make, gate: () => folder.gate(), file: (name) => folder.file(name) });
  } finally {
    folder.openAll();
    for (const actor of made) {
      await within("its end", actor instanceof ProcessActor ? actor.kill() : actor.terminate(), CLOSE_LIMIT);
      await actor.stop();
    }
    folder.remove();
  }
}
