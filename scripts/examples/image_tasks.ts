// Tasks of images.ts, in a module of their own: every worker loads the module of its task.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { current, type Task, task } from "@heddle/heddle/task";
import { decode, encode } from "fast-png";

/** A greyscale picture, one byte per pixel. */
export interface Greys {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Paints a picture that depends on the seed and saves it. */
export const paint: Task<[path: string, size: number, seed: number], number> = task(
  import.meta,
  function paint(path: string, size: number, seed: number): number {
    const data = new Uint8Array(size * size * 3);
    for (let y = 0, i = 0; y < size; y++) {
      for (let x = 0; x < size; x++, i += 3) {
        data[i] = x * seed;
        data[i + 1] = y + seed;
        data[i + 2] = x ^ y;
      }
    }
    return save(path, { width: size, height: size, data }, 3);
  },
);

/** Makes a picture grey, halves its width and height, and saves it elsewhere. Returns the size of the file in bytes. */
export const shrink: Task<[from: string, to: string], number> = task(
  import.meta,
  function shrink(from: string, to: string): number {
    const { width, height, channels, data } = decode(readFileSync(from));
    current()?.progress("decoded");
    return save(to, halve(grey(width, height, channels, data as Uint8Array)), 1);
  },
);

/** Weights the colours by how bright they look to the eye. */
function grey(width: number, height: number, channels: number, data: Uint8Array): Greys {
  const greys = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < greys.length; i++, at += channels) {
    greys[i] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  }
  return { width, height, data: greys };
}

/** Replaces each block of four pixels by their average. */
export function halve({ width, height, data }: Greys): Greys {
  const half = { width: width >> 1, height: height >> 1 };
  const points = new Uint8Array(half.width * half.height);
  for (let y = 0, i = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++, i++) {
      const at = 2 * (y * width + x);
      points[i] = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!) / 4;
    }
  }
  return { ...half, data: points };
}

/** Writes to a temporary name and renames: other programs never see half a file. */
function save(path: string, picture: Greys, channels: number): number {
  const bytes = encode({ ...picture, channels });
  writeFileSync(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
  return bytes.length;
}
