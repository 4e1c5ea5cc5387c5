/** One mapping rule as configured, complete with defaults. */
export interface MappingRule {
  /** Upper case, or `ANY`. */
  readonly method: string;
  readonly pattern: string;
  readonly metric: string;
  /** Integer; the sum of a metric counts when it is above 0. */
  readonly delta: number;
  /** No rule after this one is looked at when it matched. */
  readonly last: boolean;
  /** The pattern is a regular expression (see pattern/regex.ts), not literal text. */
  readonly regex: boolean;
  /** `always`: when the request was authorized. `success`: only when its answer was 2xx or 3xx. */
  readonly count: 'always' | 'success';
  /** Parameters that must be present: name → value, or `{name}` for any value. */
  readonly query: Readonly<Record<string, string>>;
}
