// Tasks that return bytes from a thread: copied, moved and shared. Each writes to the bytes, as proof of their arrival.
import { type SharedMemory, type Task, task, transfer } from "../../mod.ts";

export const echoCopied: Task<[Uint8Array], Uint8Array> = task(
  import.meta,
  function echoCopied(bytes: Uint8Array): Uint8Array {
    bytes[0]!++;
    return bytes;
  },
);

export const echoMoved: Task<[Uint8Array], Uint8Array> = task(
  import.meta,
  function echoMoved(bytes: Uint8Array): Uint8Array {
    bytes[0]!++;
    return transfer(bytes);
  },
);

export const echoShared: Task<[SharedMemory], SharedMemory> = task(
  import.meta,
  function echoShared(memory: SharedMemory): SharedMemory {
    memory.bytes[0]!++;
    return memory;
  },
);
