// Two programs on each of three runtimes start in this test: longer than 5 s on a small machine.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { noServer } from "../support/cluster/server.ts";
import { runExample } from "./support.ts";

const NO_SERVER = noServer();

test("cluster_images.ts ends with the same pictures although a host is killed half way", {
  skip: NO_SERVER,
}, async () => {
  const args = ["--pictures", "12", "--size", "64", "--lease", "1000"];
  const { code, stdout, stderr } = await runExample("cluster_images.ts", args);
  assertEquals([code, stderr], [0, ""]);
  const lines = [
    /^Hosts: Deno [\d.]+, Bun [\d.]+, Node [\d.]+$/,
    /^\d+ of 12 pictures: the host on Deno [\d.]+ is killed$/,
    /^12 pictures in [\d.]+ s\.$/,
    /^12 of them are the same as those made here\.$/,
  ];
  for (const [i, line] of stdout.trimEnd().split("\n").entries()) assert(lines[i]!.test(line), stdout);
});
