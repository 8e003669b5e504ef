/** Something that a rule does not allow. */
export interface Finding {
  /** Path from the root of the checkout, `/` between folders. */
  file: string;
  /** Line, from 1; left out where the whole file is meant. */
  line?: number;
  /** One sentence: what is there, and what should be. */
  message: string;
}

/** A rule. It passes when it finds nothing; each counts as one in the sum. */
export interface Check {
  name: string;
  /** Findings of a rule that only advises are shown and do not fail. */
  advises?: boolean;
  run(): Finding[] | Promise<Finding[]>;
}
