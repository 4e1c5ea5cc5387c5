import { Compile } from 'typebox/compile';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Period } from '../../../shared/period.ts';
import { BatchRequest } from '../../../shared/wire/batches.ts';
import { WIRE_BOUNDS } from '../../../shared/wire/bounds.ts';
import { LeasesRequest, type LeaseReply } from '../../../shared/wire/leases.ts';
import { ROUTES } from '../../../shared/wire/routes.ts';

const EPOCH = '0123456789abcdef0123456789abcdef';
const PROOF = { service: 's', tokenKind: 'service_token', token: 't' };
const MESSAGE = {
  number: 1,
  rev: 1,
  service: 's',
  application: 'a',
  metric: 'hits',
  used: 0,
  held: 0,
  want: 4,
  need: 1,
  next: false,
  final: false,
  at: null,
  period: null,
};

function leases(change: Partial<Record<keyof typeof MESSAGE, unknown>>): unknown {
  return { epoch: EPOCH, services: [PROOF], messages: [{ ...MESSAGE, ...change }] };
}

describe('lease request', () => {
  const schema = Compile(LeasesRequest);

  test('accepts a message', () => {
    expect(schema.Check(leases({}))).toBe(true);
    expect(schema.Check(leases({ at: 1_709_510_400_000, period: 'minute' }))).toBe(true);
  });

  test.each([
    ['a negative amount', { used: -1 }],
    ['an amount that JSON cannot hold exactly', { want: 2 ** 53 }],
    ['a fraction', { want: 1.5 }],
    ['a numeric string', { rev: '1' }],
    ['an unknown period', { period: 'decade' }],
    ['an empty application', { application: '' }],
    ['an application beyond the bound', { application: 'a'.repeat(WIRE_BOUNDS.id + 1) }],
    ['a missing field', { final: undefined }],
  ])('refuses %s', (_name, change) => {
    expect(schema.Check(leases(change))).toBe(false);
  });

  test('refuses an epoch that is not 128 bits of hex', () => {
    expect(schema.Check({ epoch: 'abc', services: [PROOF], messages: [MESSAGE] })).toBe(false);
  });

  test('refuses no message and more messages than the bound', () => {
    expect(schema.Check({ epoch: EPOCH, services: [PROOF], messages: [] })).toBe(false);
    const many = Array.from({ length: WIRE_BOUNDS.messages + 1 }, () => MESSAGE);
    expect(schema.Check({ epoch: EPOCH, services: [PROOF], messages: many })).toBe(false);
  });
});

test('a batch entry may be a correction downwards', () => {
  const batch = {
    epoch: EPOCH,
    services: [PROOF],
    sequence: 3,
    floor: 1,
    owners: [{ service: 's', kind: 'application', id: 'a' }],
    entries: [{ owner: 0, metric: 'hits', minute: 1_709_510_400_000, use: -40, take: -40 }],
    codes: [],
  };
  expect(Compile(BatchRequest).Check(batch)).toBe(true);
});

test('static types follow the schemas', () => {
  expectTypeOf<LeaseReply['period']>().toEqualTypeOf<Period>();
});

test('every route lies under the protocol version', () => {
  for (const route of Object.values(ROUTES)) expect(route.path).toMatch(/^\/v1(\/|$)/);
});
