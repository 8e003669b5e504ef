// The functions of `bench/support/work.ts` as tasks for our pools, named so that workers can import them.
import { type Task, task } from "../../mod.ts";
import * as work from "./work.ts";

export const add: Task<[number, number], number> = task(import.meta, work.add, "add");
export const echo: Task<[Uint8Array], Uint8Array> = task(import.meta, work.echo, "echo");
export const isPrime: Task<[number], boolean> = task(import.meta, work.isPrime, "isPrime");
export const spin: Task<[number], number> = task(import.meta, work.spin, "spin");
