import { expect, test } from 'vitest';
import { ONE_CALLER, patterns, targetsOf } from '../../../load/peers/setup.ts';

test('without spread one caller asks for what the last rule is for', () => {
  expect(targetsOf({ ...ONE_CALLER, applications: 50, rules: 3 })).toEqual([
    { host: '127.0.0.1', path: '/v3/items?user_key=load-key-0000000' },
  ]);
});

test('with spread every service, caller and rule is asked for', () => {
  const targets = targetsOf({ ...ONE_CALLER, services: 3, applications: 4, rules: 5, spread: true });
  const distinct = (part: (target: { host: string; path: string }) => string | undefined): number =>
    new Set(targets.map(part)).size;
  expect(distinct(({ host }) => host)).toBe(3);
  expect(distinct(({ path }) => path.split('user_key=')[1])).toBe(4);
  expect(distinct(({ path }) => patterns(5).find((pattern) => path.startsWith(pattern)))).toBe(5);
});
