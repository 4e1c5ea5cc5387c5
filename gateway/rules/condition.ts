import { lastValue, nameOctets } from '../parameters.ts';

/** What a rule demands of the request's parameters; null: nothing. */
export interface Condition {
  holds(query: string, form: string | null): boolean;
}

/**
 * Every parameter must be there: with any value when its wanted value is a placeholder `{name}`, else with exactly
 * this value. The last one of a name counts, and a form body's before the query's.
 */
export function compileCondition(parameters: Readonly<Record<string, string>>): Condition | null {
  const wanted = Object.entries(parameters).map(([name, value]) => ({
    name: nameOctets(name),
    value: /^\{.+\}$/.test(value) ? null : value,
  }));
  if (wanted.length === 0) return null;
  return {
    holds: (query, form) =>
      wanted.every(({ name, value }) => {
        const given = (form === null ? null : lastValue(form, name)) ?? lastValue(query, name);
        return given !== null && (value === null || given === value);
      }),
  };
}
