/**
 * The worker's side of a call that blocks its caller.
 *
 * @module
 */

import { runtime } from "../runtime/mod.ts";
import { current, loadModule } from "../task/current.ts";
import { addressOf, definitionOf, type Task, task } from "../task/task.ts";
import type { Channel, Packet } from "../wire/out_of_band.ts";
import { ValueEncoder } from "../wire/encoder.ts";
import { AnswerChannel } from "./answer_channel.ts";
import { findFunction, type TaskFunction } from "./function_loader.ts";

/** How the first byte of an answer tells what follows. */
export const RETURNED = 0, THREW = 1;

/** Everything is in the bytes: nothing can be posted to a thread that blocks. */
const channel: Channel = {
  scope: "thread",
  bytesOnly: true,
  handsOver: false,
  allocate: (size) => new ArrayBuffer(size),
};

const functions = new Map<string, TaskFunction>();

/** What this worker was given last, and whether it owes an answer there. */
let answers: AnswerChannel | undefined;
let owes: AnswerChannel | undefined;
let watching = false;

/**
 * Runs a task for a caller that blocks, unless another worker does. Behind the arguments come the task, the memory of the channel if
 * this worker does not have it, and the number of the call.
 */
export const answerCall: Task<unknown[], Promise<void>> = task(
  import.meta,
  async function answerCall(...given: unknown[]): Promise<void> {
    const args = given.slice(0, -3);
    const [target, memory, call] = given.slice(-3) as [Task<unknown[], unknown>, SharedArrayBuffer | undefined, number];
    if (memory !== undefined) answers = new AnswerChannel(memory);
    const own = answers!;
    if (!own.takeCall(call, current()!.workerId)) return;
    if (!watching) runtime.onExit(() => owes?.gone());
    watching = true;
    owes = own;
    const answer = await outcomeOf(target, args);
    owes = undefined;
    own.answer(answer);
  },
  "heddle.answerCall",
);

async function outcomeOf(target: Task<unknown[], unknown>, args: unknown[]): Promise<Uint8Array> {
  const encoder = new ValueEncoder(channel);
  try {
    const fn = await find(target);
    return bytesOf(RETURNED, encoder.encode(await fn(...args), "result"));
  } catch (error) {
    return bytesOf(THREW, encoder.encodeError(error));
  }
}

/** A task is found as for any other call. */
async function find(target: Task<unknown[], unknown>): Promise<TaskFunction> {
  const definition = definitionOf(target)!;
  if (definition.fn !== undefined) return definition.fn as TaskFunction;
  const address = addressOf(definition);
  const key = JSON.stringify(address);
  const known = functions.get(key);
  if (known !== undefined) return known;
  const found = await findFunction(address, loadModule);
  functions.set(key, found);
  return found;
}

function bytesOf(kind: number, { bytes, start, end }: Packet): Uint8Array {
  const all = new Uint8Array(end - start + 1);
  all[0] = kind;
  all.set(bytes.subarray(start, end), 1);
  return all;
}
