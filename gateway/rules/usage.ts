/** What one request adds to which metrics. Interned per service: the same matched rules give the same object. */
export interface Usage {
  /** Small number, unique within the service's compiled rules: an index for whoever keeps state per usage. */
  readonly index: number;
  /** Metrics with their amounts (integers ≥ 1), each metric once, in order of first match. */
  readonly entries: readonly UsageEntry[];
  /** Some entry is counted only when the answer is 2xx or 3xx (`count: success`). */
  readonly onSuccess: boolean;
}

export interface UsageEntry {
  readonly metric: string;
  readonly amount: number;
  /** This entry is counted only when the answer is 2xx or 3xx: every matched rule of its metric says `count: success`. Absent: false. */
  readonly onSuccess?: boolean;
}

/** The compiled mapping rules of one service. */
export interface MappingRules {
  /** Does any rule look at the form body of a request with a form content type? */
  readonly needsForm: boolean;
  /** All matching rules added up; null: none matches (404). Usage with no entries: matched, nothing to count. */
  match(method: string, path: string, query: string, form: string | null): Usage | null;
}
