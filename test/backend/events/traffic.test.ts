import { beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { Configuration } from '../../../backend/configuration/configuration.ts';
import { EventList } from '../../../backend/events/event-list.ts';
import { Traffic } from '../../../backend/events/traffic.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../backend/store/memory/store.ts';
import { TestClock } from '../../harness/clock.ts';

const REF = { service: 's', application: 'a' };
const DAY = 86_400_000;

let store: MemoryStore;
let clock: TestClock;
let configuration: Configuration;
let announced: number;

beforeEach(async () => {
  clock = new TestClock();
  store = createMemoryStore({ clock });
  announced = 0;
  const deps = { store, clock: systemClock, log: createLogger('test', 'silent'), forget: async () => {} };
  configuration = new Configuration({ secret: null }, deps);
  await configuration.services.save('test', 's', { providerKey: 'pk' });
  await configuration.metrics.save('test', 's', { id: '1', name: 'hits', parentId: null });
  await configuration.usageLimits.save('test', { service: 's', plan: 'p', metric: '1', period: 'month' }, 100n);
  await configuration.applications.save('test', REF, { state: 'active', planId: 'p' });
  for (const bin of [50, 90, 100]) await configuration.alertLimits.add('test', 's', bin);
});

function createTraffic(): Traffic {
  const events = new EventList(store.logs);
  const { lookup } = configuration;
  return new Traffic({
    lookup,
    counters: store.counters,
    logs: store.logs,
    events,
    announce: () => announced++,
    clock,
  });
}

async function use(amount: bigint): Promise<void> {
  const additions = [{ metric: '1', amount, set: false }];
  await store.counters.decide({ ...REF, at: clock.now(), bounds: [], additions, reads: [], codes: [], count: true });
}

/** Type, and for an alert its bin and limit. */
async function events(): Promise<readonly string[]> {
  const listed = await new EventList(store.logs).list();
  return listed.map(({ type, object }) => (type === 'alert' ? `alert ${JSON.stringify(object)}` : type));
}

it('raises first traffic once, and first traffic of a day once a day, by however many processes', async () => {
  const [here, there] = [createTraffic(), createTraffic()];
  for (const traffic of [here, there, here]) await traffic.observe(REF);
  expect(await events()).toEqual(['first_traffic', 'first_daily_traffic']);
  await clock.advance(DAY);
  for (const traffic of [there, here]) await traffic.observe(REF);
  expect(await events()).toEqual(['first_traffic', 'first_daily_traffic', 'first_daily_traffic']);
  expect(announced).toBe(2);
});

it('raises the highest bin reached, skipping lower ones, each once in 24 hours', async () => {
  const traffic = createTraffic();
  await use(49n);
  await traffic.observe(REF);
  await use(43n);
  await traffic.observe(REF);
  await traffic.observe(REF);
  await clock.advance(DAY / 2);
  await traffic.observe(REF);
  const alerts = (await events()).filter((event) => event.startsWith('alert'));
  expect(alerts).toHaveLength(1);
  expect(alerts[0]).toContain('"utilization":90');
  expect(alerts[0]).toContain('"max_utilization":0.92');
  expect(alerts[0]).toContain('hits per month: 92/100');
  await clock.advance(DAY / 2);
  await traffic.observe(REF);
  expect((await events()).filter((event) => event.startsWith('alert'))).toHaveLength(2);
});

it('raises no bin that the provider does not want', async () => {
  const traffic = createTraffic();
  await use(85n);
  await traffic.observe(REF);
  expect(await events()).toEqual(['first_traffic', 'first_daily_traffic']);
});

it('begins anew for an application that was deleted', async () => {
  const traffic = createTraffic();
  await use(95n);
  await traffic.observe(REF);
  await traffic.forget(REF);
  await traffic.observe(REF);
  expect((await events()).map((event) => event.split(' ')[0])).toEqual([
    'first_traffic',
    'first_daily_traffic',
    'alert',
    'first_traffic',
    'first_daily_traffic',
    'alert',
  ]);
});

it('has nothing to say of an application that is gone', async () => {
  await createTraffic().observe({ service: 's', application: 'gone' });
  expect(await events()).toEqual([]);
});
