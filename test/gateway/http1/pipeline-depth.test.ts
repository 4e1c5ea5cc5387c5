import { expect, test } from 'vitest';
import { PipelineDepth } from '../../../gateway/http1/pipeline-depth.ts';

function after(depth: PipelineDepth, answers: number, ms: number): number {
  for (let i = 0; i < answers; i++) depth.answered(ms);
  return depth.value;
}

test('it is one before the target has shown anything', () => {
  expect(new PipelineDepth(8).value).toBe(1);
});

test('it is what is allowed for a target that answers at once and keeps its connections', () => {
  expect(after(new PipelineDepth(8), 100, 0.2)).toBe(8);
});

test('it is one when only one is allowed', () => {
  expect(after(new PipelineDepth(1), 1_000, 0)).toBe(1);
});

test('it is so small that the last does not wait long: 2 ms an answer, two at once; 20 ms, one', () => {
  const depth = new PipelineDepth(8);
  expect(after(depth, 200, 2)).toBe(2);
  expect(after(depth, 200, 20)).toBe(1);
  expect(after(depth, 200, 0.2)).toBe(8);
});

test('a target that makes requests be sent again is given one at a time, until it has answered ten times as many', () => {
  const depth = new PipelineDepth(8);
  after(depth, 10_000, 0.2);
  depth.resent(90);
  expect(depth.value).toBe(8);
  depth.resent(10);
  expect(depth.value).toBe(1);
  expect(after(depth, 70, 0.2)).toBe(1);
  expect(after(depth, 30, 0.2)).toBe(8);
});

test('it recovers in bounded time, however much was sent again', () => {
  const depth = new PipelineDepth(8);
  for (let i = 0; i < 1_000; i++) depth.resent(7);
  expect(after(depth, 1_100, 0.2)).toBe(8);
});
