import type { Configuration } from '../configuration.ts';

/** One step from what is stored to what is declared. */
export interface PlannedChange {
  /** `+` makes, `~` changes, `-` deletes. */
  readonly sign: '+' | '~' | '-';
  /** What, in words, without secrets: `limit shop/gold hits per day: 10 → 20`. */
  readonly text: string;
  run(who: string): Promise<unknown>;
}

export interface PlanContext {
  readonly configuration: Configuration;
  /** Deletes what the declared lists do not name. */
  readonly prune: boolean;
}

type Attribute = string | boolean | null | undefined;

/** `from → to` of each member that differs; empty when none does. */
export function differences(
  before: Readonly<Record<string, Attribute>>,
  after: Readonly<Record<string, Attribute>>,
): readonly string[] {
  return Object.entries(after)
    .filter(([name, value]) => value !== undefined && value !== (before[name] ?? null))
    .map(([name, value]) => `${name}: ${shown(before[name])} → ${shown(value)}`);
}

function shown(value: Attribute): string {
  return value === null || value === undefined ? 'none' : String(value);
}
