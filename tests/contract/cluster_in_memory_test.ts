// Runs the executor contract on a cluster over a server in memory.

import { IN_MEMORY } from "../support/cluster/hosted.ts";
import { registerSuite } from "../support/cluster/suite.ts";

await registerSuite(IN_MEMORY);
