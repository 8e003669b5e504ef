/**
 * The first message of a worker.
 *
 * @module
 */

import type { Packet } from "../../wire/out_of_band.ts";
import type { ValueEncoder } from "../../wire/encoder.ts";
import * as op from "../../wire/message.ts";
import { detach } from "../../wire/transfer.ts";
import type { TaskEntry } from "../engine/task_entry.ts";
import type { Settings } from "../options.ts";
import type { PoolWorker } from "./pool_worker.ts";
import { RemoteObjectServer } from "./remote_object_server.ts";

/** The content of the first message, and the services of the worker from then on. */
export interface SetupPlan {
  readonly settings: Settings;
  readonly encoder: ValueEncoder;
  /** Number of tasks the worker may have in progress. */
  readonly concurrency: number;
  /** The task entry of the initializer. */
  readonly initializer: TaskEntry | undefined;
  /** The sticky broadcasts, which run behind the initializer. */
  readonly sticky: readonly { readonly task: TaskEntry; readonly packet: Packet }[];
  /** Reports the failure of a call to a local object whose answer the worker does not await. */
  readonly fault: (error: unknown) => void;
}

/**
 * Prepares a worker before its start, and writes its first message. Throws if the arguments of the initializer cannot
 * travel.
 */
export function setUp(
  worker: PoolWorker,
  { settings, encoder, concurrency, initializer, sticky, fault }: SetupPlan,
): void {
  worker.objectServer = new RemoteObjectServer({
    encoder,
    send: (write) => {
      write(worker.writer);
      worker.flush();
    },
    fault,
  });
  worker.concurrency = concurrency;
  const record = worker.writer.record(op.SETUP);
  record.u32(worker.id);
  record.u32(concurrency);
  record.u8(settings.maxMemoryBytes === Infinity ? 0 : 1);
  record.f64(settings.loadTimeout ?? settings.startTimeout);
  record.f64(settings.grace);
  record.string(settings.name);
  record.u32(initializer?.reference ?? 0);
  const args = encoder.encode(settings.initArgs, settings.supervise === undefined ? "initArgs" : "args");
  if (settings.supervise !== undefined) detach(args.moved, args.attachments);
  worker.writer.value(args);
  record.u32(sticky.length);
  for (const { task, packet } of sticky) {
    record.u32(task.reference);
    worker.writer.value(packet);
  }
}
