import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as registry from '../shared/errors.ts';
import type { ErrorEntry } from '../shared/errors.ts';
import { packageRoot } from '../shared/package-root.ts';

const page = readFileSync(join(packageRoot, 'docs/errors.md'), 'utf8');

/** Rows of the table under a heading: what of them is in the registry. */
function documented(heading: string): readonly ErrorEntry[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` \| (\d+) \| (\w+) \| (yes|no) \|(.*?)\|/gm)].map(
    ([, code = '', status, owner, retry, message = '']) => ({
      code,
      status: Number(status),
      owner: owner as ErrorEntry['owner'],
      retrySafe: retry === 'yes',
      publicMessage: message.trim(),
    }),
  );
}

const SECTIONS: readonly (readonly [heading: string, entries: Readonly<Record<string, ErrorEntry>>])[] = [
  ['Gateway', registry.gatewayErrors],
  ['Engine', registry.engineErrors],
  ['Backend', registry.backendErrors],
];

describe('docs/errors.md', () => {
  it.each(SECTIONS)('%s: the page and the registry say the same, in the same order', (heading, entries) => {
    expect(documented(heading)).toEqual(Object.values(entries));
  });

  it.each(SECTIONS)('%s: every row has a cause and a remedy', (heading) => {
    const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
    for (const row of section.split('\n').filter((line) => line.startsWith('| `'))) {
      const [cause = '', remedy = ''] = row.split('|').slice(6);
      expect(`${cause.trim().length > 9} ${remedy.trim().length > 7}: ${row}`).toBe(`true true: ${row}`);
    }
  });

  it('every engine error is found by its code', () => {
    for (const [code, entry] of Object.entries(registry.engineErrors)) expect(entry.code).toBe(code);
  });
});
