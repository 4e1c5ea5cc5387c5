import { expect, test } from 'vitest';
import { ConfigurationVersions } from '../../../gateway/leases/configuration-versions.ts';
import type { HeartbeatAnswer } from '../../../shared/wire/heartbeat.ts';

function answer(version: number, changed: readonly (readonly [string, number])[], all = false): HeartbeatAnswer {
  const named = changed.map(([application, of]) => ({ service: 's', application, version: of }));
  return { store: 'one', now: 0, version, all, changed: named, scarce: [] };
}

test('what was not named needs no version, what was needs that one', () => {
  const versions = new ConfigurationVersions();
  versions.hear(answer(7, [['a', 6]]), 100);
  expect([versions.required('s', 'a'), versions.required('s', 'b'), versions.required('t', 'a')]).toEqual([6, 0, 0]);
  expect(versions.confirmedAt).toBe(100);
});

test('a change of the whole service concerns each of its applications', () => {
  const versions = new ConfigurationVersions();
  versions.hear(answer(9, [['*', 8]]), 0);
  expect([versions.required('s', 'a'), versions.required('t', 'a')]).toEqual([8, 0]);
});

test('when anything may have changed everything older is out of date', () => {
  const versions = new ConfigurationVersions();
  versions.hear(answer(12, [], true), 0);
  expect(versions.required('s', 'a')).toBe(12);
});

test('a late answer takes nothing back', () => {
  const versions = new ConfigurationVersions();
  versions.hear(answer(9, [['a', 9]]), 200);
  versions.hear(answer(5, [['a', 4]]), 100);
  expect([versions.required('s', 'a'), versions.version, versions.confirmedAt]).toEqual([9, 9, 200]);
});

test('too many named applications become a floor for all', () => {
  const versions = new ConfigurationVersions();
  const many = Array.from({ length: 20_001 }, (_, index) => [`a${index}`, 3] as const);
  versions.hear(answer(4, many), 0);
  expect(versions.required('s', 'never named')).toBe(4);
});

test('under another store nothing is known of the versions before', () => {
  const versions = new ConfigurationVersions();
  versions.hear(answer(9, [['a', 9]]), 200);
  versions.reset();
  expect([versions.required('s', 'a'), versions.version, versions.confirmedAt]).toEqual([0, null, -Infinity]);
});
