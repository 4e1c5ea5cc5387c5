import { beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { Configuration } from '../../../backend/configuration/configuration.ts';
import { applyChanges, planChanges } from '../../../backend/configuration/declarative/apply.ts';
import { exportDeclaration } from '../../../backend/configuration/declarative/export.ts';
import { declarationProblems } from '../../../backend/configuration/declarative/problems.ts';
import type { Declaration } from '../../../backend/configuration/declarative/schema.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';

let configuration: Configuration;

const SHOP: Declaration = {
  services: [
    {
      id: 'shop',
      providerKey: 'pk',
      tokens: ['a-token'],
      alertLimits: [50, 100],
      metrics: [{ name: 'hits' }, { id: 'm2', name: 'search', parent: 'hits' }],
      plans: [{ id: 'gold', name: 'Gold', limits: [{ metric: 'search', period: 'day', max: 10 }] }],
      applications: [
        { id: 'app', plan: 'gold', userKeys: ['a-user-key'], keys: ['a-key'], referrerFilters: ['*.org'] },
      ],
    },
  ],
};

beforeEach(() => {
  const store = createMemoryStore({ clock: systemClock });
  const log = createLogger('test', 'silent');
  configuration = new Configuration({ secret: null }, { store, clock: systemClock, log, forget: async () => {} });
});

async function apply(declaration: Declaration, prune = false): Promise<readonly string[]> {
  const changes = await planChanges(declaration, { configuration, prune });
  await applyChanges(changes, 'test');
  return changes.map(({ sign, text }) => `${sign} ${text}`);
}

function changed(edit: (service: Declaration['services'][number]) => object): Declaration {
  return { services: SHOP.services.map((service) => ({ ...service, ...edit(service) })) };
}

it('makes what is declared, and nothing the second time', async () => {
  expect(await apply(SHOP)).toEqual([
    '+ service shop',
    '+ service token 1 of shop',
    '+ alert limit shop 50 %',
    '+ alert limit shop 100 %',
    '+ metric shop/hits',
    '+ metric shop/search',
    '+ limit shop/gold search per day: 10',
    '+ application shop/app',
    '+ user key 1 of shop/app',
    '+ key 1 of shop/app',
    '+ referrer filter shop/app *.org',
  ]);
  expect(await apply(SHOP, true)).toEqual([]);
  const application = await configuration.lookup.application('shop', 'app');
  expect(application).toMatchObject({
    planName: 'Gold',
    limits: [{ metric: 'm2', max: 10n, source: { parent: { name: 'hits' } } }],
  });
});

it('plans without changing anything', async () => {
  await planChanges(SHOP, { configuration, prune: true });
  expect(await configuration.services.get('shop')).toBeNull();
});

it('shows what differs, without secrets', async () => {
  await apply(SHOP);
  const next = changed(() => ({
    state: 'suspended' as const,
    providerKey: 'another-pk',
    plans: [{ id: 'gold', name: 'Gold', limits: [{ metric: 'search', period: 'day' as const, max: 20 }] }],
    applications: [{ id: 'app', plan: 'gold', state: 'suspended' as const, keys: ['a-key', 'new-key'] }],
  }));
  expect(await apply(next)).toEqual([
    '~ service shop state: active → suspended, another provider key',
    '~ limit shop/gold search per day: 10 → 20',
    '~ application shop/app state: active → suspended',
    '+ key 2 of shop/app',
  ]);
});

it('deletes what the declared lists do not name only when it is told to', async () => {
  await apply(SHOP);
  await apply(changed(() => ({ applications: [{ id: 'second' }] })));
  const less = changed(() => ({
    alertLimits: [50 as const],
    metrics: [{ name: 'hits' }],
    plans: [{ id: 'gold', limits: [] }],
    applications: [{ id: 'app', userKeys: [], keys: [], referrerFilters: [] }],
  }));
  expect(await apply(less)).toEqual([]);
  expect(await apply(less, true)).toEqual([
    '- alert limit shop 100 %',
    '- metric shop/search',
    '- limit shop/gold m2 per day',
    '- a user key of shop/app',
    '- a key of shop/app',
    '- referrer filter shop/app *.org',
    '- application shop/second',
  ]);
  expect(await configuration.userKeys.get('shop', 'a-user-key')).toBeNull();
  expect(await apply(less, true)).toEqual([]);
});

it('leaves lists alone that are not declared', async () => {
  await apply(SHOP);
  expect(await apply({ services: [{ id: 'shop' }] }, true)).toEqual([]);
});

it('exports what changes nothing when it is applied, without keys', async () => {
  await apply(SHOP);
  const exported = await exportDeclaration(configuration);
  expect(await apply(exported, true)).toEqual([]);
  const text = JSON.stringify(exported);
  for (const secret of ['pk', 'a-token', 'a-key', 'a-user-key']) expect(text).not.toContain(`"${secret}"`);
  expect(exported.services[0]).toMatchObject({
    metrics: [{ name: 'hits' }, { id: 'm2', name: 'search', parent: 'hits' }],
    plans: [{ id: 'gold', name: 'Gold', limits: [{ metric: 'search', period: 'day', max: 10 }] }],
  });
});

it('finds names that come twice or lead nowhere', () => {
  const wrong = changed(() => ({
    metrics: [{ name: 'hits' }, { name: 'hits' }, { name: 'x', parent: 'nope' }],
    plans: [{ id: 'gold', limits: [{ metric: 'gone', period: 'day' as const, max: 1 }] }],
    applications: [{ id: 'app', plan: 'silver' }],
  }));
  expect(declarationProblems(wrong)).toEqual([
    { path: ['services', 0, 'metrics', 1], message: '"hits" is declared twice' },
    { path: ['services', 0, 'metrics', 2, 'parent'], message: 'there is no metric "nope" in this service' },
    { path: ['services', 0, 'plans', 0, 'limits', 0, 'metric'], message: 'there is no metric "gone" in this service' },
    { path: ['services', 0, 'applications', 0, 'plan'], message: 'there is no plan "silver" in this service' },
  ]);
});
