// Runs the executor contract on a cluster over a real server, with a host that runs processes.
// Deadline: 300 s

import { test } from "node:test";
import { ProcessPoolExecutor } from "../../mod.ts";
import { kindOn } from "../support/cluster/hosted.ts";
import { testServer } from "../support/cluster/server.ts";
import { registerSuite } from "../support/cluster/suite.ts";

const server = await testServer();
if (typeof server === "string") test("ClusterExecutor (processes)", { skip: server }, () => {});
else {
  const open = (options: object) => new ProcessPoolExecutor(options);
  await registerSuite(kindOn("ClusterExecutor (processes)", server.on("processes"), open));
}
