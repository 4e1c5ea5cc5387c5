import { beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { Configuration } from '../../../backend/configuration/configuration.ts';
import type { LookupBounds } from '../../../backend/configuration/cached-lookup.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../backend/store/memory/store.ts';
import { until } from '../../harness/latch.ts';

let store: MemoryStore;
/** Two processes on one store. */
let here: Configuration;
let there: Configuration;

const APP = { service: 's', application: 'a' };

function open(bounds?: LookupBounds): Configuration {
  const log = createLogger('test', 'silent');
  const settings = bounds === undefined ? { secret: null } : { secret: null, bounds };
  return new Configuration(settings, { store, clock: systemClock, log, forget: async () => {} });
}

beforeEach(async () => {
  store = createMemoryStore({ clock: systemClock });
  here = open();
  there = open();
  await here.services.save('test', 's', { providerKey: 'pk' });
  await here.metrics.save('test', 's', { id: '1', name: 'hits', parentId: null });
  await here.applications.save('test', APP, { state: 'active', planId: 'p' });
});

it('answers from memory once something is known, also that there is none', async () => {
  expect(here.lookup.application('s', 'a')).toBeInstanceOf(Promise);
  await here.lookup.application('s', 'a');
  await here.lookup.application('s', 'nope');
  await here.lookup.provider('unknown');
  expect(here.lookup.application('s', 'a')).toMatchObject({ id: 'a', state: 'active' });
  expect(here.lookup.application('s', 'nope')).toBeNull();
  expect(here.lookup.provider('unknown')).toBeNull();
});

it('shares one load between concurrent first requests', async () => {
  const first = here.lookup.application('s', 'a');
  const second = here.lookup.application('s', 'a');
  expect(await first).toBe(await second);
});

it.each([
  ['its state', () => here.applications.save('test', APP, { state: 'suspended' }), 'suspended'],
  ['its plan', () => here.applications.save('test', APP, { planName: 'gold' }), 'gold'],
  ['a limit', () => here.usageLimits.save('test', { service: 's', plan: 'p', metric: '1', period: 'day' }, 7n), '7'],
  ['a metric', () => here.metrics.save('test', 's', { id: '1', name: 'calls', parentId: null }), 'calls'],
  ['its service', () => here.services.save('test', 's', { active: false }), 'inactive'],
  ['a key', () => here.applicationKeys.add('test', APP, 'new'), 'new'],
] as const)('every process sees a change of %s', async (_what, change, sign) => {
  await here.usageLimits.save('test', { service: 's', plan: 'p', metric: '1', period: 'hour' }, 99n);
  const signs = async (configuration: Configuration): Promise<readonly string[]> => {
    const application = await configuration.lookup.application('s', 'a');
    return [
      application?.state ?? '',
      application?.planName ?? '',
      ...(application?.limits.flatMap(({ max, source }) => [max.toString(), source?.name ?? '']) ?? []),
      application?.service.active === true ? 'active' : 'inactive',
      ...(application?.keys.list(0) ?? []),
    ];
  };
  expect(await signs(here)).not.toContain(sign);
  expect(await signs(there)).not.toContain(sign);
  await change();
  expect(await signs(here)).toContain(sign);
  await until(async () => (await signs(there)).includes(sign), 'the change to be seen');
});

it('forgets a deleted application, user key and token in every process', async () => {
  await here.userKeys.save('test', APP, 'uk');
  await here.serviceTokens.save('test', [{ token: 't', service: 's' }]);
  expect(await there.lookup.applicationWith('s', 'uk')).toBe('a');
  expect(await there.lookup.hasToken('s', 't')).toBe(true);
  await here.applications.delete('test', APP);
  await here.serviceTokens.delete('test', [{ token: 't', service: 's' }]);
  await until(async () => (await there.lookup.application('s', 'a')) === null, 'it to be gone');
  await until(async () => (await there.lookup.applicationWith('s', 'uk')) === null, 'it to be gone');
  await until(async () => !(await there.lookup.hasToken('s', 't')), 'it to be gone');
});

it('obeys a change of a service whose entry was pushed out of its cache', async () => {
  const few = { entries: 1, absent: 1 };
  const many = { entries: 100, absent: 100 };
  const small = open({ services: few, providers: many, tokens: many, applications: many, userKeys: many });
  await small.services.save('test', 'other', { providerKey: 'pk' });
  await small.lookup.application('s', 'a');
  await small.lookup.service('other');
  await small.services.save('test', 's', { active: false });
  expect((await small.lookup.application('s', 'a'))?.service.active).toBe(false);
});

it('does not keep what was read before a change came', async () => {
  const loading = here.lookup.application('s', 'a');
  const changing = here.applications.save('test', APP, { state: 'suspended' });
  await Promise.all([loading, changing]);
  expect((await here.lookup.application('s', 'a'))?.state).toBe('suspended');
});

it('bounds guesses apart from what is known', async () => {
  await here.lookup.application('s', 'a');
  for (let i = 0; i < 30_000; i++) await here.lookup.application('s', `guess-${i}`);
  expect(here.lookup.application('s', 'a')).not.toBeInstanceOf(Promise);
  expect(here.lookup.application('s', 'guess-0')).toBeInstanceOf(Promise);
});

it('finds nothing under an id that nothing can have', async () => {
  expect(here.lookup.application('s', 'x'.repeat(5_000))).toBeNull();
  expect(here.lookup.service('\u0000'.repeat(200))).toBeNull();
  expect(here.lookup.application('s', '')).toBeNull();
});
