// A worker of synckit: adds two numbers.
import { runAsWorker } from "synckit";

runAsWorker((a, b) => a + b);
