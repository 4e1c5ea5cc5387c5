import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyPace } from '../../../gateway/http1/body-pace.ts';
import { BufferPool } from '../../../gateway/http1/buffer-pool.ts';
import { ByteQueue } from '../../../gateway/http1/byte-queue.ts';
import { DateField } from '../../../gateway/http1/date.ts';
import { GrowingBuffer } from '../../../gateway/http1/growing-buffer.ts';
import { dropParameters } from '../../../gateway/http1/query.ts';
import { upstreamTarget } from '../../../gateway/http1/upstream-target.ts';
import { TestClock } from '../../harness/clock.ts';
import { MemorySocket } from './support/memory-socket.ts';

test('a queue of bytes gives what was added, in order, and forgets it when it is cleared', () => {
  const pool = new BufferPool();
  const parts = fc.array(fc.tuple(fc.nat(60_000), fc.boolean()), { maxLength: 6 });
  const property = fc.property(parts, parts, (first, second) => {
    let expected = '';
    const fill = (queue: ByteQueue, sizes: [number, boolean][]): void => {
      for (const [size, asText] of sizes) {
        const text = String.fromCharCode(97 + (expected.length % 26)).repeat(size);
        expected += text;
        if (asText) queue.addText(text);
        else queue.addBytes(Buffer.from(text), 0, size);
      }
    };
    const [one, other] = [new ByteQueue(pool), new ByteQueue(pool)];
    fill(one, first);
    fill(other, second);
    one.take(other);
    expect([one.length, other.length]).toEqual([expected.length, 0]);
    expect(one.peek().toString()).toBe(expected);
    const socket = new MemorySocket();
    const borrowed: Buffer[] = [];
    one.writeTo(socket, borrowed);
    expect(socket.written).toBe(expected);
    expect(one.length).toBe(0);
    pool.giveBack(borrowed);
  });
  fc.assert(property, { numRuns: 300 });
});

test('a growing buffer gives what was added and not consumed', () => {
  const steps = fc.array(fc.tuple(fc.nat(5_000), fc.nat(5_000)), { maxLength: 20 });
  const property = fc.property(steps, (list) => {
    const buffer = new GrowingBuffer();
    let expected = Buffer.alloc(0);
    for (const [added, consumed] of list) {
      const bytes = Buffer.alloc(added, added % 251);
      buffer.add(bytes, 0, added);
      expected = Buffer.concat([expected, bytes]);
      const gone = Math.min(consumed, expected.length);
      buffer.consume(buffer.start + gone);
      expected = expected.subarray(gone);
      expect(buffer.length).toBe(expected.length);
      expect(buffer.bytes.subarray(buffer.start, buffer.end).equals(expected)).toBe(true);
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test('parameters are dropped by their decoded name, others stay as they were', () => {
  const names = new Set(['user_key', 'a b']);
  expect(dropParameters('x=1&user_key=2&user%5Fkey=3&a+b=4&a%20b&user_keys=5&%zz=6&=7', names)).toBe(
    'x=1&user_keys=5&%zz=6&=7',
  );
  expect(dropParameters('user_key=1', names)).toBe('');
});

test.each([
  ['http://a.test', { host: 'a.test', port: 80, secure: false, authority: 'a.test' }],
  ['http://a.test:8080/', { host: 'a.test', port: 8080, authority: 'a.test:8080' }],
  ['https://[::1]', { host: '::1', port: 443, secure: true, authority: '[::1]' }],
  ['unix:/run/app.sock', { host: '', path: '/run/app.sock', authority: 'localhost' }],
])('the upstream %s', (url, target) => {
  expect(upstreamTarget(url)).toMatchObject(target);
});

test.each([
  'a.test',
  'ftp://a',
  'http://u:p@a',
  'http://a/x',
  'http://a?x',
  'http://a#x',
  'unix:a',
  `unix:/${'a'.repeat(107)}`,
  'http://',
])('the upstream %s is refused', (url) => {
  expect(() => upstreamTarget(url)).toThrow(RangeError);
});

test('the date is that of the second', async () => {
  const clock = new TestClock();
  const date = new DateField(clock);
  expect(date.line()).toBe('Date: Mon, 04 Mar 2024 00:00:00 GMT\r\n');
  await clock.advance(1_000);
  expect(date.line()).toBe('Date: Mon, 04 Mar 2024 00:00:01 GMT\r\n');
});

test('a body is late when it stands still, or is too slow over a whole time-out', () => {
  const pace = new BodyPace(10_000, 100, 0);
  expect(pace.deadline).toBe(10_000);
  pace.received(1_000, 5_000);
  expect(pace.isLate(10_000)).toBe(false);
  expect(pace.deadline).toBe(15_000);
  expect(pace.isLate(15_000)).toBe(true);
  const slow = new BodyPace(10_000, 100, 0);
  slow.received(999, 9_999);
  expect(slow.isLate(10_000)).toBe(true);
  slow.restart(20_000);
  expect(slow.isLate(29_999)).toBe(false);
});
