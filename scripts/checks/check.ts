/** A violation of a rule. */
export interface Finding {
  /** Path from the root of the checkout, `/` between folders. */
  file: string;
  /** Line, from 1; omitted if the finding concerns the whole file. */
  line?: number;
  /** One sentence: what the file has, and what it should have. */
  message: string;
}

/** A rule. It passes if it finds nothing; each rule counts as one in the totals. */
export interface Check {
  name: string;
  /** Findings of an advisory rule are shown and do not fail. */
  advises?: boolean;
  run(): Finding[] | Promise<Finding[]>;
}
