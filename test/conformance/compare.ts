import { isDeepStrictEqual } from 'node:util';

/** What is wrong with an answer, in words; empty when nothing is. */
export type Faults = string[];

export function same(where: string, expected: unknown, got: unknown, faults: Faults): void {
  if (isDeepStrictEqual(expected, got)) return;
  faults.push(`${where}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}

/** Every expected member must be there; lists must hold the same items, in any order. `{$match}` is a pattern. */
export function includes(where: string, expected: unknown, got: unknown, faults: Faults): void {
  if (Array.isArray(expected)) return includesItems(where, expected, got, faults);
  if (!isRecord(expected)) return same(where, expected, got, faults);
  const pattern = expected['$match'];
  if (typeof pattern === 'string') {
    if (!new RegExp(pattern).test(String(got)))
      faults.push(`${where}: ${JSON.stringify(got)} does not match ${pattern}`);
    return;
  }
  if (!isRecord(got)) {
    faults.push(`${where}: expected an object, got ${JSON.stringify(got)}`);
    return;
  }
  for (const [name, value] of Object.entries(expected)) includes(`${where}.${name}`, value, got[name], faults);
}

function includesItems(where: string, expected: readonly unknown[], got: unknown, faults: Faults): void {
  if (!Array.isArray(got) || got.length !== expected.length) {
    faults.push(`${where}: expected ${expected.length} items, got ${JSON.stringify(got)?.slice(0, 300)}`);
    return;
  }
  const left: unknown[] = got.slice();
  for (const item of expected) {
    const found = left.findIndex((candidate) => {
      const problems: Faults = [];
      includes('', item, candidate, problems);
      return problems.length === 0;
    });
    if (found === -1)
      faults.push(`${where}: nothing like ${JSON.stringify(item)} in ${JSON.stringify(left).slice(0, 300)}`);
    else left.splice(found, 1);
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
