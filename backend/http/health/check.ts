/** One thing that must hold for the process to do its work. */
export interface HealthCheck {
  readonly name: string;
  check(): CheckResult | Promise<CheckResult>;
}

export interface CheckResult {
  readonly ok: boolean;
  /** One sentence for an operator: what is wrong and what to do. Empty when ok. */
  readonly problem: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}
