import { beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { Configuration } from '../../../backend/configuration/configuration.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../backend/store/memory/store.ts';
import type { ApplicationRef } from '../../../backend/store/store.ts';
import { TestClock } from '../../harness/clock.ts';

let store: MemoryStore;
let clock: TestClock;
let configuration: Configuration;
let forgotten: ApplicationRef[];

const APP = { service: 's', application: 'a' };

beforeEach(async () => {
  clock = new TestClock();
  store = createMemoryStore({ clock: systemClock });
  forgotten = [];
  configuration = new Configuration(
    { secret: 'held elsewhere' },
    { store, clock, log: createLogger('test', 'silent'), forget: async (ref) => void forgotten.push(ref) },
  );
  await configuration.prepare();
});

/** Every document but those that every store has. */
async function documents(): Promise<readonly (readonly string[])[]> {
  const { entries } = await store.documents.list([], null, 1000);
  return entries.map(({ key }) => key).filter(([kind]) => kind !== 'data-version' && kind !== 'secret-check');
}

async function fill(): Promise<void> {
  const { services, metrics, usageLimits, applications, applicationKeys, userKeys, serviceTokens, alertLimits } =
    configuration;
  await services.save('test', 's', { providerKey: 'pk' });
  await metrics.save('test', 's', { id: '1', name: 'hits', parentId: null });
  await usageLimits.save('test', { service: 's', plan: 'p', metric: '1', period: 'day' }, 5n);
  await applications.save('test', APP, { state: 'active', planId: 'p' });
  await applicationKeys.add('test', APP, 'a-key');
  await userKeys.save('test', APP, 'a-user-key');
  await serviceTokens.save('test', [{ token: 'a-token', service: 's' }]);
  await alertLimits.add('test', 's', 50);
}

it('makes the first service of a provider its default, and keeps one while there is one', async () => {
  const { services } = configuration;
  expect(await services.save('test', 'one', { providerKey: 'pk' })).toMatchObject({ defaultService: true });
  expect(await services.save('test', 'two', { providerKey: 'pk' })).toMatchObject({ defaultService: false });
  expect(await services.delete('test', 'one')).toBe('default');
  await services.save('test', 'two', { defaultService: true });
  expect(await services.get('one')).toMatchObject({ defaultService: false });
  expect(await services.delete('test', 'one')).toBe('deleted');
  expect(await services.delete('test', 'two')).toBe('deleted');
  expect(await services.delete('test', 'two')).toBe('absent');
});

it('moves a service between providers', async () => {
  const { services, lookup } = configuration;
  await services.save('test', 'one', { providerKey: 'pk' });
  await services.save('test', 'two', { providerKey: 'pk' });
  await services.save('test', 'one', { providerKey: 'other' });
  expect(await lookup.provider('pk')).toMatchObject({ defaultService: 'two' });
  expect(await lookup.provider('other')).toMatchObject({ defaultService: 'one' });
  expect(await services.get('one')).toMatchObject({ providerKey: 'other' });
});

it('changes the provider key of all services at once, or says why not', async () => {
  const { services, providers, lookup } = configuration;
  await services.save('test', 'one', { providerKey: 'pk' });
  await services.save('test', 'two', { providerKey: 'pk' });
  await services.save('test', 'three', { providerKey: 'taken' });
  expect(await providers.changeKey('test', 'pk', 'taken')).toBe('exists');
  expect(await providers.changeKey('test', 'unknown', 'new')).toBe('absent');
  expect(await providers.changeKey('test', 'pk', 'new')).toBe('changed');
  expect(await lookup.provider('pk')).toBeNull();
  expect(await services.get('two')).toMatchObject({ providerKey: 'new' });
});

it('leaves nothing of a deleted service', async () => {
  await fill();
  await configuration.services.delete('test', 's');
  expect(await documents()).toEqual([]);
  expect(forgotten).toEqual([APP]);
});

it('leaves nothing of a deleted application, so that one made again inherits nothing', async () => {
  await fill();
  await configuration.applications.delete('test', APP);
  expect((await documents()).filter(([kind]) => /application|user-key|deletion/.test(kind ?? ''))).toEqual([]);
  await configuration.applications.save('test', APP, { state: 'active' });
  expect(await configuration.applicationKeys.list(APP)).toEqual([]);
  expect(await configuration.userKeys.get('s', 'a-user-key')).toBeNull();
});

it('goes on with a deletion that a process left half done', async () => {
  await fill();
  const writes = [
    { key: ['service', 's'], value: null },
    { key: ['deletion', 's'], value: true },
  ];
  await store.documents.write(writes, {});
  await configuration.prepare();
  expect((await documents()).filter(([kind]) => kind === 'application' || kind === 'deletion')).toEqual([]);
});

it('stores no key, token or provider key in plain text', async () => {
  await fill();
  const { entries } = await store.documents.list([], null, 1000);
  const log = await store.documents.trail(0, 1000);
  const text = JSON.stringify([entries, log]);
  for (const secret of ['a-key', 'a-user-key', 'a-token', '"pk"']) expect(text).not.toContain(secret);
  expect(await configuration.applicationKeys.list(APP)).toEqual(['a-key']);
});

it('gives a user key to another application, away from the first', async () => {
  await fill();
  await configuration.userKeys.save('test', { service: 's', application: 'b' }, 'a-user-key');
  expect(await configuration.userKeys.get('s', 'a-user-key')).toBe('b');
  await configuration.applications.delete('test', APP);
  expect(await configuration.userKeys.get('s', 'a-user-key')).toBe('b');
});

it('rotates keys: both are valid until the old one ends', async () => {
  await fill();
  const fresh = await configuration.applicationKeys.rotate('test', APP, clock.now() + 60_000);
  expect(await configuration.applicationKeys.list(APP)).toEqual(['a-key', fresh]);
  await clock.advance(60_000);
  expect(await configuration.applicationKeys.list(APP)).toEqual([fresh]);
});

it('loses no change when several are made at the same time', async () => {
  await fill();
  const names = Array.from({ length: 20 }, (_, i) => `metric-${i}`);
  await Promise.all(names.map((name) => configuration.metrics.save('test', 's', { id: name, name, parentId: null })));
  expect((await configuration.metrics.list('s')).map(({ name }) => name).toSorted()).toEqual(
    ['hits', ...names].toSorted(),
  );
});

it('names the changed applications to those who hold leases', async () => {
  const before = await store.documents.version();
  await fill();
  const changes = await store.documents.changesSince(before);
  const named = changes?.flatMap(({ changed }) => changed) ?? [];
  expect(named).toContainEqual({ service: 's', application: '*' });
  expect(named).toContainEqual(APP);
});

it('keeps a trail of changes: when, who, what, before and after, without secrets', async () => {
  await configuration.applications.save('alice', APP, { state: 'active' });
  await configuration.applications.save('bob', APP, { state: 'suspended' });
  await configuration.applicationKeys.add('bob', APP, 'a-key');
  const [added, changed, created] = await configuration.audit.list(0, 10);
  expect(created).toMatchObject({ who: 'alice', action: 'application.save', subject: APP, before: null });
  expect(changed).toMatchObject({
    time: '2024-03-04T00:00:00.000Z',
    who: 'bob',
    before: { state: 'active' },
    after: { state: 'suspended' },
  });
  expect(added).toMatchObject({
    action: 'application-key.add',
    after: { keys: [{ key: expect.stringMatching(/^hmac:/) }] },
  });
});
