/**
 * A worker in the calling loop.
 *
 * @module
 */

import { runtime } from "../../runtime/mod.ts";
import { contexts } from "../../task/current.ts";
import { ByteReader } from "../../wire/bytes.ts";
import { HEADER_SIZE, IncomingMessage, type Link, type OutgoingMessage } from "../../wire/message.ts";
import { loopChannel } from "../../wire/one_loop.ts";
import type { FunctionLoader } from "../../worker/function_loader.ts";
import { Runner } from "../../worker/runner.ts";
import type { WorkerEvents, WorkerHandle } from "./pool_worker.ts";

/**
 * Starts a worker in this loop. It exchanges the same messages as other workers, so that the engine sees no difference.
 */
export function startInlineWorker(loader: FunctionLoader, events: WorkerEvents): WorkerHandle {
  let gone = false;
  const leave = () => {
    if (gone) return;
    gone = true;
    runtime.defer(() => events.exit({ code: 0, signal: undefined, stderr: "", error: undefined }));
  };
  const upward: Link = {
    send: (message) => {
      const incoming = received(message);
      runtime.microtask(() => gone || events.message(incoming));
    },
  };
  const runner: Runner = new Runner(upward, loopChannel, loader, () => void runner.dispose().then(leave));
  return {
    pid: undefined,
    ident: undefined,
    send: (message) => {
      const incoming = received(message);
      // The context of the sender must not leak into the tasks of the message.
      runtime.microtask(() => gone || contexts.run(undefined, () => runner.receive(incoming)));
    },
    wake: () => {},
    leaves: () => {},
    kill: leave,
    expect: () => {},
    blocked: false,
  };
}

/** The message as the receiver sees it: a copy, as the sender reuses its bytes. */
function received({ bytes, blobs, attachments }: OutgoingMessage): IncomingMessage {
  return new IncomingMessage(new ByteReader(bytes.slice(HEADER_SIZE)), blobs, attachments);
}
