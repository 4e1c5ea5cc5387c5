import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { readRequestsByLlhttp } from './llhttp.ts';
import { readRequests } from './ours.ts';
import { difference, emptyReading } from './reading.ts';

const COUNT = 300_000;
const SEED = 20_260_301;

test(`of ${COUNT} mutated messages llhttp refuses none that we accept, and reads none otherwise`, async () => {
  const result = await fuzz(COUNT, SEED, () => {});
  expect(result.findings.slice(0, 10)).toEqual([]);
  // A generator of garbage alone would find nothing.
  expect(result.accepted).toBeGreaterThan(COUNT / 10);
}, 120_000);

test('the comparison sees a message that only we accept, another body, other fields', async () => {
  const input = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok';
  const [theirs = emptyReading()] = await readRequestsByLlhttp([input]);
  expect(difference(readRequests(input), theirs)).toBeNull();
  expect(difference(readRequests(input), emptyReading())).toMatch(/refused there/);
  expect(difference(readRequests(input.replace('ok', 'no')), theirs)).toMatch(/body/);
  expect(difference(readRequests(input.replace('Host: a', 'Host: b')), theirs)).toMatch(/fields/);
  expect(difference(readRequests(input.replace('POST', 'PUT')), theirs)).toMatch(/PUT/);
});
