import { beforeEach, describe, expect, test } from 'vitest';
import type { Usage } from '../../../gateway/rules/usage.ts';
import { settle } from '../../harness/clock.ts';
import { LeasedWorld } from '../support/leased-world.ts';

function usage(index: number, entries: Usage['entries'], onSuccess = false): Usage {
  return { index, entries, onSuccess };
}

const HITS = usage(0, [{ metric: 'hits', amount: 1 }]);
const FIVE = usage(1, [{ metric: 'hits', amount: 5 }]);
const SEARCH_AND_HITS = usage(2, [
  { metric: 'search', amount: 1 },
  { metric: 'hits', amount: 1 },
]);
const ON_SUCCESS = usage(3, [{ metric: 'hits', amount: 1, onSuccess: true }], true);
const NOTHING_LIKE_IT = usage(4, [{ metric: 'nothing', amount: 1 }]);

/** The two in turn. */
function pair<T>(two: readonly [T, T], count: number): T {
  return count % 2 === 0 ? two[0] : two[1];
}

let world: LeasedWorld;

beforeEach(() => {
  world = new LeasedWorld();
  world.plans.limitsOf.set('free', []);
  world.plans.limitsOf.set('a', [{ metric: 'hits', period: 'minute', max: 10 }]);
  world.plans.limitsOf.set('off', [{ metric: 'hits', period: 'minute', max: 0 }]);
});

describe('who may call', () => {
  test('concurrent first requests of a caller ask once', async () => {
    const gateway = world.gateway();
    const all = Array.from({ length: 50 }, () => gateway.request('key-free', HITS));
    await world.clock.advance(50);
    expect(all.map(({ decision }) => decision?.allowed)).toEqual(Array.from({ length: 50 }, () => true));
    expect(world.calls.authorize).toBe(1);
  });

  test('an unlimited caller is decided from memory, for as long as heartbeats confirm it', async () => {
    const gateway = world.gateway();
    await gateway.ask('key-free', HITS);
    await world.clock.advance(60_000);
    const { decision, waited } = await gateway.ask('key-free', HITS);
    expect(decision).toEqual({ allowed: true, headers: '' });
    expect([waited, world.calls.authorize]).toEqual([false, 1]);
  });

  test('an unknown caller is refused, from memory the second time', async () => {
    const gateway = world.gateway();
    const first = await gateway.ask('key-nobody', HITS);
    const second = await gateway.ask('key-nobody', HITS);
    expect(first.decision).toMatchObject({ allowed: false, reason: 'credentials' });
    expect([second.decision, second.waited]).toEqual([first.decision, false]);
  });

  test('a limit of 0 is disabled, not exceeded, and costs no lease', async () => {
    const gateway = world.gateway();
    expect((await gateway.ask('key-off', HITS)).decision).toMatchObject({ allowed: false, reason: 'disabled' });
    expect(world.calls.leases).toBe(0);
  });

  test('usage of a metric that does not exist is refused', async () => {
    const gateway = world.gateway();
    expect((await gateway.ask('key-a', NOTHING_LIKE_IT)).decision).toMatchObject({ allowed: false });
  });

  test('a key that becomes known is served as soon as a heartbeat names a change', async () => {
    const gateway = world.gateway();
    await gateway.ask('key-new', HITS);
    await world.clock.advance(2_000);
    await world.change('new', []);
    await world.clock.advance(2_000);
    expect((await gateway.ask('key-new', HITS)).decision?.allowed).toBe(true);
  });
});

describe('limits', () => {
  test('two gateways together admit exactly the limit', async () => {
    const gateways = [world.gateway(), world.gateway()] as const;
    let allowed = 0;
    for (let count = 0; count < 60; count += 1) {
      const { decision } = await pair(gateways, count).ask('key-a', HITS);
      if (decision?.allowed === true) allowed += 1;
      await world.clock.advance(100);
    }
    expect(allowed).toBe(10);
  });

  test('the fields tell what is left, the refusal when to come back', async () => {
    const gateway = world.gateway();
    const { decision } = await gateway.ask('key-a', HITS);
    expect(decision?.headers).toMatch(/^RateLimit-Policy: "hits";q=10;w=60\r\nRateLimit: "hits";r=\d;t=50\r\n$/);
    let refused = decision;
    for (let count = 0; count < 10; count += 1) ({ decision: refused } = await gateway.ask('key-a', HITS));
    expect(refused).toMatchObject({ allowed: false, reason: 'limits' });
    expect(refused?.headers).toContain('RateLimit: "hits";r=0;t=');
    expect(refused?.allowed === false && refused.retryAfter).toBeGreaterThan(40);
  });

  test('what is left never grows within a window by spending', async () => {
    const gateway = world.gateway();
    const lefts: number[] = [];
    for (let count = 0; count < 10; count += 1) {
      const { decision } = await gateway.ask('key-a', HITS);
      lefts.push(Number(/;r=(\d+)/.exec(decision?.headers ?? '')?.[1]));
    }
    for (const [index, left] of lefts.entries()) expect(left).toBeLessThanOrEqual(9 - index);
  });

  test('a request for more than is left takes nothing, a smaller one still passes', async () => {
    const gateway = world.gateway();
    for (let count = 0; count < 8; count += 1) await gateway.ask('key-a', HITS);
    expect((await gateway.ask('key-a', FIVE)).decision).toMatchObject({ reason: 'limits' });
    expect((await gateway.ask('key-a', HITS)).decision?.allowed).toBe(true);
    expect((await gateway.ask('key-a', HITS)).decision?.allowed).toBe(true);
    expect((await gateway.ask('key-a', HITS)).decision?.allowed).toBe(false);
  });

  test('metrics that go together are paid together: a method and its parent', async () => {
    const gateway = world.gateway();
    let allowed = 0;
    for (let count = 0; count < 10; count += 1) {
      const { decision } = await gateway.ask('key-a', SEARCH_AND_HITS);
      if (decision?.allowed === true) allowed += 1;
      await world.clock.advance(500);
    }
    expect(allowed).toBe(5);
  });

  test('the next window begins with all of the limit again', async () => {
    const gateway = world.gateway();
    for (let count = 0; count < 11; count += 1) await gateway.ask('key-a', HITS);
    await world.clock.advance(51_000);
    expect((await gateway.ask('key-a', HITS)).decision?.allowed).toBe(true);
  });

  test('a lowered limit is obeyed within a lease time', async () => {
    const gateway = world.gateway();
    await gateway.ask('key-a', HITS);
    await world.change('a', [{ metric: 'hits', period: 'minute', max: 1 }]);
    await world.clock.advance(2_500);
    expect((await gateway.ask('key-a', HITS)).decision).toMatchObject({ reason: 'limits' });
  });

  test('limits that are taken away are no limits any more, and their leases are returned', async () => {
    const gateway = world.gateway();
    for (let count = 0; count < 11; count += 1) await gateway.ask('key-a', HITS);
    await world.change('a', []);
    await world.clock.advance(3_000);
    await gateway.ask('key-a', HITS);
    await world.clock.advance(3_000);
    expect((await gateway.ask('key-a', HITS)).decision).toEqual({ allowed: true, headers: '' });
    expect((await world.store.leases.list(null, 10)).leases.every(({ final }) => final)).toBe(true);
  });
});

describe('taking back', () => {
  test('a tick that could not be journalled has spent nothing', async () => {
    const gateway = world.gateway();
    await gateway.ask('key-a', HITS);
    gateway.journal.full = true;
    const { call, decision } = gateway.request('key-a', HITS);
    expect(decision?.allowed).toBe(true);
    expect(gateway.authorizer.commit()).toBe(false);
    gateway.authorizer.takeBack(call);
    gateway.journal.full = false;
    let allowed = 1;
    for (let count = 0; count < 12; count += 1)
      if ((await gateway.ask('key-a', HITS)).decision?.allowed === true) allowed += 1;
    expect(allowed).toBe(10);
  });

  test('usage that counts only on success is given back when the answer is none', async () => {
    const gateway = world.gateway();
    for (let count = 0; count < 30; count += 1) {
      const { call, decision } = await gateway.ask('key-a', ON_SUCCESS);
      expect(decision?.allowed).toBe(true);
      gateway.authorizer.finished(call, 500, false);
      gateway.authorizer.commit();
    }
    const counted = gateway.journal.folder.active.reduce((sum, { use }) => sum + use, 0);
    expect(counted).toBe(0);
  });

  test('a post-paid call counts what it came to, and the rest is free again', async () => {
    const gateway = world.gateway();
    const { call } = await gateway.ask('key-a', FIVE);
    gateway.authorizer.settle(call, 'hits', 2);
    gateway.authorizer.finished(call, 200, false);
    gateway.authorizer.commit();
    let allowed = 0;
    for (let count = 0; count < 12; count += 1)
      if ((await gateway.ask('key-a', HITS)).decision?.allowed === true) allowed += 1;
    expect(allowed).toBe(8);
  });
});

describe('outages', () => {
  test('strict: 503 within the time-out, at once when it lasts, and never a refusal', async () => {
    const gateway = world.gateway();
    world.cut = true;
    const first = gateway.request('key-a', HITS);
    await world.clock.advance(1_000);
    expect(first.decision).toMatchObject({ allowed: false, reason: 'outage', retryAfter: 1 });
    await world.clock.advance(5_000);
    expect(gateway.request('key-a', HITS).decision).toMatchObject({ reason: 'outage' });
  });

  test('what is leased is spent for AUTHS_TTL and no longer', async () => {
    const gateway = world.gateway({ confirmedFor: 5_000 });
    await gateway.ask('key-a', HITS);
    world.cut = true;
    await world.clock.advance(3_000);
    expect(gateway.request('key-a', HITS).decision?.allowed).toBe(true);
    await world.clock.advance(4_000);
    expect(gateway.request('key-a', HITS).decision).toMatchObject({ reason: 'outage' });
  });

  test('resilient: a known caller is served and counted, an unknown one is not', async () => {
    const gateway = world.gateway({ confirmedFor: 2_000 }, { backendDown: 'resilient' });
    await gateway.ask('key-free', HITS);
    world.cut = true;
    await world.clock.advance(10_000);
    expect(gateway.request('key-free', HITS).decision?.allowed).toBe(true);
    expect(gateway.request('key-stranger', HITS).decision).toMatchObject({ reason: 'outage' });
    gateway.authorizer.commit();
    expect(gateway.journal.folder.active.at(-1)).toMatchObject({ use: 1, take: 1, lease: 0 });
  });

  test('allow: strangers are served, and counted under what they showed', async () => {
    const gateway = world.gateway({}, { backendDown: 'allow' });
    world.cut = true;
    await world.clock.advance(10_000);
    expect(gateway.request('key-stranger', HITS).decision?.allowed).toBe(true);
    gateway.authorizer.commit();
    expect(gateway.journal.folder.active.at(-1)?.owner).toMatchObject({
      kind: 'user_key',
      id: 'key-stranger',
      known: false,
    });
  });

  test('it serves again as soon as the backend answers', async () => {
    const gateway = world.gateway();
    world.cut = true;
    await world.clock.advance(10_000);
    world.cut = false;
    await world.clock.advance(2_000);
    expect((await gateway.ask('key-a', HITS)).decision?.allowed).toBe(true);
  });

  test('a journal that takes nothing is answered as an outage', async () => {
    const gateway = world.gateway();
    gateway.journal.writable = false;
    expect(gateway.request('key-free', HITS).decision).toMatchObject({ reason: 'outage' });
  });
});

test('nobody is told who has left', async () => {
  const gateway = world.gateway();
  const { call } = gateway.request('key-a', HITS);
  gateway.authorizer.abandon(call);
  await world.clock.advance(100);
  expect(gateway.authorizer.waiting).toBe(0);
  expect(gateway.authorizer.tallies.hits).toBe(0);
});

test('at the end every lease is returned: taken is what was used', async () => {
  const gateway = world.gateway();
  for (let count = 0; count < 3; count += 1) await gateway.ask('key-a', HITS);
  expect((await world.accounts('a')).taken).toBeGreaterThan(3);
  gateway.authorizer.close();
  await world.clock.advance(200);
  await settle();
  expect(gateway.authorizer.client.closed.unacknowledged).toBe(0);
  expect((await world.accounts('a')).taken).toBe(3);
});

test('a machine that slept spends nothing of what it held', async () => {
  const gateway = world.gateway();
  await gateway.ask('key-a', HITS);
  world.clock.step(3_600_000);
  const { decision } = gateway.request('key-a', HITS);
  expect(decision).toBeNull();
});
