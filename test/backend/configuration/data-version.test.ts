import { expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { Configuration } from '../../../backend/configuration/configuration.ts';
import { ConfigurationUnusable, DATA_VERSION } from '../../../backend/configuration/data-version.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../backend/store/memory/store.ts';
import version1 from './data-of-version-1.json' with { type: 'json' };
import version2 from './data-of-version-2.json' with { type: 'json' };

function open(store: MemoryStore, secret: string | null): Configuration {
  return new Configuration(
    { secret },
    { store, clock: systemClock, log: createLogger('test', 'silent'), forget: async () => {} },
  );
}

it('marks an empty store with its version', async () => {
  const store = createMemoryStore({ clock: systemClock });
  await open(store, null).prepare();
  expect(await store.documents.get(['data-version'])).toBe(DATA_VERSION);
});

it('brings data of version 1 to its own, in several processes at once', async () => {
  const store = createMemoryStore({ clock: systemClock });
  await store.documents.write(version1, {});
  const processes = [open(store, 'secret of version 1'), open(store, 'secret of version 1')] as const;
  await Promise.all(processes.map((configuration) => configuration.prepare()));
  expect(await store.documents.get(['data-version'])).toBe(DATA_VERSION);
  const application = await processes[1].lookup.application('shop', 'app');
  expect(application).toMatchObject({ state: 'active', planName: 'Gold' });
  expect(application?.keys.accepts('key-of-app', Number.MAX_SAFE_INTEGER)).toBe(true);
  expect(application?.keys.list(0)).toEqual(['key-of-app', 'another-key']);
  expect(await processes[0].lookup.applicationWith('shop', 'user-key-of-app')).toBe('app');
});

it('moves the audit trail of version 2 to its place, each entry once, in several processes at once', async () => {
  const store = createMemoryStore({ clock: systemClock });
  await store.documents.write(version2.documents, {});
  const entries = Array.from(
    { length: 500 },
    (_, i) => version2.audit[i] ?? { who: 'somebody', action: `change ${i}` },
  );
  for (const entry of entries) await store.logs.append(['audit'], entry, 10_000);
  const processes = [open(store, 'secret of version 2'), open(store, 'secret of version 2')] as const;
  await Promise.all(processes.map((configuration) => configuration.prepare()));
  const trail = await processes[0].audit.list(0, 1_000);
  expect(trail.map(({ id: _id, ...entry }) => entry)).toEqual(entries.toReversed());
  expect(await store.logs.count(['audit'])).toBe(0);
  expect(await processes[1].lookup.applicationWith('shop', 'user-key-of-app')).toBe('app');
});

it('refuses data of a newer program', async () => {
  const store = createMemoryStore({ clock: systemClock });
  await store.documents.write([{ key: ['data-version'], value: DATA_VERSION + 1 }], {});
  await expect(open(store, null).prepare()).rejects.toThrow(ConfigurationUnusable);
});

it('refuses another secret than the one under which the store was written', async () => {
  const store = createMemoryStore({ clock: systemClock });
  await open(store, 'first').prepare();
  await open(store, 'first').prepare();
  await expect(open(store, 'second').prepare()).rejects.toThrow(ConfigurationUnusable);
  await expect(open(store, null).prepare()).rejects.toThrow(ConfigurationUnusable);
});
