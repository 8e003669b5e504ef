/**
 * The worker's side of blocking calls.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { carries, runCarried } from "../task/carry.ts";
import { current, loadModule } from "../task/current.ts";
import { addressOf, definitionOf, type Task, task } from "../task/task.ts";
import type { Channel, Packet } from "../wire/out_of_band.ts";
import { ValueEncoder } from "../wire/encoder.ts";
import { AnswerChannel } from "./answer_channel.ts";
import type { Call } from "./call.ts";
import { isThenable } from "./contexts.ts";
import { findFunction, type TaskFunction } from "./function_loader.ts";

/** The first byte of an answer: a result or an error follows. */
export const RETURNED = 0, THREW = 1;

/** Answers consist of bytes only: a blocked thread receives no messages. */
const channel: Channel = {
  scope: "thread",
  bytesOnly: true,
  handsOver: false,
  allocate: (size) => new ArrayBuffer(size),
};

/** Created once, as an encoder allocates memory. */
const encoder = new ValueEncoder(channel);
const functions = new Map<string, TaskFunction>();

/** The channel that this worker received last, and the call that it has not answered yet. */
let answers: AnswerChannel | undefined;
let owes: AnswerChannel | undefined;
let watching = false;

/**
 * Runs a task for a blocked caller, unless another worker has taken the call. The last three arguments are the task,
 * the memory of the channel if this worker does not have it, and the number of the call.
 *
 * Not an async function, so that a thread that is idle after its answer stays awake for the next call.
 */
export const answerCall: Task<unknown[], void | Promise<void>> = task(
  import.meta,
  function answerCall(...given: unknown[]): void | Promise<void> {
    const args = given.slice(0, -3);
    const [target, memory, call] = given.slice(-3) as [Task<unknown[], unknown>, SharedArrayBuffer | undefined, number];
    if (memory !== undefined) answers = new AnswerChannel(memory);
    const own = answers!;
    if (!own.takeCall(call, current()!.workerId)) return undefined;
    if (!watching) runtime.onExit(() => owes?.gone());
    watching = true;
    owes = own;
    // After the module is loaded, as it may register stores.
    const { carried, signal } = current() as Call;
    const run = (fn: TaskFunction) => {
      // The call may have ended while the module was loaded.
      signal.throwIfAborted();
      own.begin();
      return carries() ? runCarried(carried, () => fn(...args)) : fn(...args);
    };
    try {
      const fn = known(target);
      const result = fn === undefined ? find(target).then(run) : run(fn);
      if (isThenable(result)) return answerLater(own, result);
      answer(own, () => bytesOf(RETURNED, encoder.encode(result, "result")));
    } catch (error) {
      answer(own, () => bytesOf(THREW, encoder.encodeError(error)));
    }
    return undefined;
  },
  "heddle.answerCall",
);

async function answerLater(channel: AnswerChannel, result: PromiseLike<unknown>): Promise<void> {
  try {
    const value = await result;
    answer(channel, () => bytesOf(RETURNED, encoder.encode(value, "result")));
  } catch (error) {
    answer(channel, () => bytesOf(THREW, encoder.encodeError(error)));
  }
}

/** Writes an answer. Throws without writing if the answer cannot be sent. */
function answer(channel: AnswerChannel, encode: () => Uint8Array): void {
  const bytes = encode();
  owes = undefined;
  channel.answer(bytes);
}

/** Returns the function of a loaded task. */
function known(target: Task<unknown[], unknown>): TaskFunction | undefined {
  const definition = definitionOf(target)!;
  return definition.fn as TaskFunction | undefined ?? functions.get(JSON.stringify(addressOf(definition)));
}

/** Loads the function of a task. */
async function find(target: Task<unknown[], unknown>): Promise<TaskFunction> {
  const address = addressOf(definitionOf(target)!);
  const found = await findFunction(address, loadModule);
  functions.set(JSON.stringify(address), found);
  return found;
}

function bytesOf(kind: number, { bytes, start, end }: Packet): Uint8Array {
  const all = new Uint8Array(end - start + 1);
  all[0] = kind;
  all.set(bytes.subarray(start, end), 1);
  return all;
}
