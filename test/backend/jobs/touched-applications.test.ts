import { expect, test } from 'vitest';
import { DELIVERY, TouchedApplications } from '../../../backend/jobs/touched-applications.ts';
import { Metrics } from '../../../backend/metrics/metrics.ts';
import type { ApplicationRef } from '../../../backend/store/store.ts';
import { createLogger } from '../../../shared/log.ts';
import { TestClock } from '../../harness/clock.ts';

function setup() {
  const clock = new TestClock();
  const lines: string[] = [];
  const delivered: (readonly ApplicationRef[])[] = [];
  const state = { fails: false };
  const metrics = new Metrics();
  const touched = new TouchedApplications({
    clock,
    log: createLogger('test', 'trace', { write: (line: string) => void lines.push(line) }),
    metrics,
    interval: 1_000,
    async deliver(applications) {
      if (state.fails) throw new Error('away');
      delivered.push(applications);
    },
  });
  return { clock, lines, delivered, state, touched, metrics };
}

test('applications are handed over once a second, each once, however often they were used', async () => {
  const { clock, touched, delivered } = setup();
  for (let i = 0; i < 100; i++) touched.touched({ service: 's', application: `a${i % 2}` });
  touched.touched({ service: 'other', application: 'a0' });
  await clock.advance(1_000);
  expect(delivered).toEqual([
    [
      { service: 's', application: 'a0' },
      { service: 's', application: 'a1' },
      { service: 'other', application: 'a0' },
    ],
  ]);
  await clock.advance(5_000);
  expect(delivered).toHaveLength(1);
});

test('what cannot be handed over is told once and waits', async () => {
  const { clock, touched, delivered, state, lines } = setup();
  state.fails = true;
  touched.touched({ service: 's', application: 'a' });
  await clock.advance(3_000);
  expect(lines).toHaveLength(1);
  state.fails = false;
  await clock.advance(1_000);
  expect(delivered).toEqual([[{ service: 's', application: 'a' }]]);
});

test('many are handed over in several parts, and no more than 50,000 wait', async () => {
  const { touched, delivered, metrics } = setup();
  for (let i = 0; i < 50_010; i++) touched.touched({ service: 's', application: `a${i}` });
  await touched.flush();
  expect(delivered).toHaveLength(50_000 / DELIVERY);
  expect((await metrics.scrape()).body).toContain('tallygate_activity_dropped_total 10');
});

test('a stopped one hands over what it has, and leaves no timer', async () => {
  const { clock, touched, delivered } = setup();
  touched.touched({ service: 's', application: 'a' });
  await touched.stop();
  expect(delivered).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
