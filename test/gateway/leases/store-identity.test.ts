import { expect, test } from 'vitest';
import { StoreIdentity } from '../../../gateway/leases/store-identity.ts';

test('the first identity is no change, another one is', () => {
  const identity = new StoreIdentity();
  expect(identity.hear('one', 0, 1)).toBe('first');
  expect(identity.hear('one', 2, 3)).toBe('same');
  expect(identity.hear('two', 4, 5)).toBe('changed');
  expect(identity.current).toBe('two');
});

test('an answer to a question from before the present identity was heard is late', () => {
  const identity = new StoreIdentity();
  identity.hear('one', 0, 1);
  identity.hear('two', 10, 20);
  expect(identity.hear('one', 15, 30)).toBe('old');
  expect(identity.current).toBe('two');
});

test('no identity is shut out for ever: what later questions are answered with holds', () => {
  const identity = new StoreIdentity();
  identity.hear('new', 0, 10);
  expect(identity.hear('old', 11, 12)).toBe('changed');
  expect(identity.hear('new', 13, 14)).toBe('changed');
  expect(identity.current).toBe('new');
});
