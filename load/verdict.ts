/** Something that a scenario must show, beside what it showed. */
export interface Verdict {
  readonly measure: string;
  readonly value: number;
  readonly must: string;
  /** What is aimed at; empty: nothing beyond what must be. */
  readonly aim: string;
  readonly passed: boolean;
  readonly aimed: boolean;
}

/** A value that may be `must` at most, and should be `aim` at most. */
export function atMost(measure: string, value: number, must: number, aim: number | null = null): Verdict {
  return {
    measure,
    value,
    must: `≤ ${must}`,
    aim: aim === null ? '' : `≤ ${aim}`,
    passed: value <= must,
    aimed: value <= (aim ?? must),
  };
}

/** A value that must be at least `must`, and should be at least `aim`. */
export function atLeast(measure: string, value: number, must: number, aim: number | null = null): Verdict {
  return {
    measure,
    value,
    must: `≥ ${must}`,
    aim: aim === null ? '' : `≥ ${aim}`,
    passed: value >= must,
    aimed: value >= (aim ?? must),
  };
}
