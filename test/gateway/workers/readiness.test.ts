import { expect, it } from 'vitest';
import { readiness } from '../../../gateway/admin/health.ts';
import type { HealthAnswer } from '../../../gateway/admin/health.ts';
import { readinessOfAll } from '../../../gateway/workers/readiness.ts';

function worker(journal: boolean, backend = true): HealthAnswer {
  return readiness([
    { name: 'journal', required: true, read: () => ({ ok: journal, ...(journal ? {} : { detail: 'disk full' }) }) },
    { name: 'backend', required: false, read: () => ({ ok: backend }) },
  ]);
}

it('a gateway is ready when each of its workers is', () => {
  expect(readinessOfAll([worker(true), worker(true)])).toEqual({
    httpStatus: 200,
    body: {
      status: 'ready',
      checks: {
        workers: { status: 'ok', detail: '2 of 2 are ready' },
        journal: { status: 'ok' },
        backend: { status: 'ok' },
      },
    },
  });
});

it('one that is not ready makes the gateway not ready, and is named', () => {
  const { httpStatus, body } = readinessOfAll([worker(true), worker(false)]);
  expect(httpStatus).toBe(503);
  expect(body.checks['journal']).toEqual({ status: 'failing', detail: 'worker 2: disk full' });
  expect(body.checks['workers']?.status).toBe('failing');
});

it('one that does not answer makes the gateway not ready', () => {
  const { httpStatus, body } = readinessOfAll([null, worker(true)]);
  expect(httpStatus).toBe(503);
  expect(body.checks['workers']).toEqual({ status: 'failing', detail: '1 of 2 are ready' });
});

it('what is only shown is shown as its worst, and does not make it not ready', () => {
  const { httpStatus, body } = readinessOfAll([worker(true, false), worker(true)]);
  expect(httpStatus).toBe(200);
  expect(body.checks['backend']).toEqual({ status: 'failing', detail: 'worker 1' });
});
