import { expect, test } from 'vitest';
import { ChangeFeed } from '../../../../backend/store/redis/change-feed.ts';

function listen(feed: ChangeFeed): (number | null)[] {
  const told: (number | null)[] = [];
  feed.subscribe((version) => void told.push(version));
  return told;
}

test('a change is told once, whether it is heard, made here, or both', () => {
  const feed = new ChangeFeed(() => undefined);
  const told = listen(feed);
  feed.poll(4);
  feed.note(5, [['x']]);
  feed.hear('[5,[["x"]]]');
  feed.hear('[6,[["y"]]]');
  feed.poll(6);
  feed.poll(6);
  expect(told).toEqual([5, 6]);
});

test('messages in another order are told as they come, and none is taken for missed', () => {
  const feed = new ChangeFeed(() => undefined);
  const told = listen(feed);
  feed.poll(0);
  feed.hear('[3,[["c"]]]');
  feed.poll(3);
  feed.hear('[1,[["a"]]]');
  feed.hear('[2,[["b"]]]');
  feed.poll(3);
  feed.poll(3);
  expect(told).toEqual([3, 1, 2]);
});

test('a message that does not come within two rounds is told as: anything may have changed', () => {
  const feed = new ChangeFeed(() => undefined);
  const told = listen(feed);
  feed.poll(7);
  feed.hear('[9,[["x"]]]');
  feed.poll(9);
  expect(told).toEqual([9]);
  feed.poll(9);
  expect(told).toEqual([9, null]);
  feed.hear('[8,[["late"]]]');
  feed.hear('[10,[["next"]]]');
  expect(told).toEqual([9, null, 10]);
});

test('a store that has gone back in version may have changed in anything', () => {
  const feed = new ChangeFeed(() => undefined);
  const told = listen(feed);
  feed.poll(7);
  feed.poll(3);
  feed.hear('[4,[["x"]]]');
  expect(told).toEqual([null, 4]);
});

test('a message without keys means anything, and is told once', () => {
  const feed = new ChangeFeed(() => undefined);
  const told = listen(feed);
  feed.poll(1);
  feed.hear('[2,null]');
  feed.hear('[2,null]');
  feed.poll(2);
  expect(told).toEqual([null]);
});
