import { expect, it } from 'vitest';
import { parseTimestamp } from '../../../../backend/domain/timestamp/parse.ts';

const NINE = '2026-03-18T09:00:00.000Z';

function read(text: string): string | null {
  const at = parseTimestamp(text);
  return at === null ? null : new Date(at).toISOString();
}

it.each([
  ['1773824400', NINE],
  [' 1773824400 ', NINE],
  ['0', '1970-01-01T00:00:00.000Z'],
  ['2026-03-18T09:00:00Z', NINE],
  ['2026-03-18 09:00:00', NINE],
  ['2026-03-18 09:00:00 UTC', NINE],
  ['2026-03-18 12:00:00 +0300', NINE],
  ['2026-03-18 12:00:00 +03:00', NINE],
  ['2026-03-18 04:00:00 -05', NINE],
  ['2026-03-18 04:00:00 EST', NINE],
  ['2026-03-18T14:30:00+05:30', NINE],
  ['Wed, 18 Mar 2026 09:00:00 GMT', NINE],
  ['Wed Mar 18 09:00:00 2026', NINE],
  ['March 18, 2026 9am', NINE],
  ['18 March 2026 09:00', NINE],
  ['18th of March 2026, 9:00 AM', null],
  ['18/03/2026 09:00:00', NINE],
  ['2026/3/18 09:00', NINE],
  ['18.3.2026 9:00', NINE],
  ['20260318T090000Z', NINE],
  ['20260318090000Z', NINE],
  ['2026-03-18 09:00:00.75', NINE],
  ['26-03-18 09:00', NINE],
  ['18-Mar-2026 09:00', NINE],
  ['H38.03.18 09:00', NINE],
  ['2026-03-18', '2026-03-18T00:00:00.000Z'],
  ['2012/10/01', '2012-10-01T00:00:00.000Z'],
  ['2026-02-30', '2026-03-02T00:00:00.000Z'],
  ['2026-03-18 24:00:00', '2026-03-19T00:00:00.000Z'],
  ['2026-03-18 09:00:00 nowhere', NINE],
])('reads %j', (text, expected) => {
  expect(read(text)).toBe(expected);
});

it.each([
  '',
  'yesterday',
  '2012garbage2012',
  '1773824400.5',
  '2026-13-45 09:00:00',
  '2026-03-32',
  '2026-03-18 25:00:00',
  '2026-W12-3',
  '2026-077',
  'March 2026',
  '09:00:00',
  `2026-03-18${' '.repeat(200)}`,
])('does not read %j', (text) => {
  expect(read(text)).toBeNull();
});
