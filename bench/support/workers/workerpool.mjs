// The worker file of workerpool: functions registered by name.
import workerpool from "workerpool";
import { add, echo, isPrime } from "../work.ts";

workerpool.worker({ add, echo, isPrime });
