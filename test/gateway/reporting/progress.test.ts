import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Progress } from '../../../gateway/reporting/progress.ts';
import { createLogger } from '../../../shared/log.ts';
import { TestClock } from '../../harness/clock.ts';

interface Line {
  readonly code: string;
  readonly delivered: number;
  readonly of: number;
}

function setUp(): {
  clock: TestClock;
  backlog: { undelivered: number; units: number };
  progress: Progress;
  lines: Line[];
} {
  const clock = new TestClock();
  const lines: Line[] = [];
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const { code, delivered, of }: Line = JSON.parse(chunk.toString());
      lines.push({ code, delivered, of });
      done();
    },
  });
  const backlog = { undelivered: 0, units: 0 };
  const log = createLogger('test', 'info', destination);
  return { clock, backlog, progress: new Progress(backlog, { thread: 0, loop: 0 }, { clock, log }), lines };
}

test('a long backlog says every second how much of how much is delivered, and when it is done', async () => {
  const { clock, backlog, progress, lines } = setUp();
  backlog.undelivered = 10;
  await clock.advance(1000);
  progress.delivered(5);
  backlog.undelivered = 9;
  await clock.advance(1000);
  for (let left = 9; left > 2; left--) progress.delivered(5);
  backlog.undelivered = 2;
  await clock.advance(5000);
  expect(lines).toEqual([
    { code: 'delivery_progress', delivered: 0, of: 10 },
    { code: 'delivery_progress', delivered: 1, of: 10 },
    { code: 'delivery_caught_up', delivered: 8, of: 10 },
  ]);
});

test('what was delivered while the backlog was short is no part of a later one', async () => {
  const { clock, backlog, progress, lines } = setUp();
  for (let count = 0; count < 20; count++) progress.delivered(1);
  await clock.advance(1000);
  backlog.undelivered = 8;
  await clock.advance(1000);
  expect(lines).toEqual([{ code: 'delivery_progress', delivered: 0, of: 8 }]);
});
