import { systemClock } from '../../shared/clock.ts';
import { metric, pause, untilTrue } from './admin.ts';
import type { Fault, Scene } from './faults/fault.ts';
import { judge, statusExceptions } from './judge.ts';
import type { Terms, Verdict } from './judge.ts';
import { Ledger } from './ledger.ts';
import type { Side } from './ledger.ts';
import { provisionCallers, provisionService } from './provision.ts';
import type { Caller } from './provision.ts';
import type { Random } from './random.ts';
import { Reporter } from './reporter.ts';
import { Traffic } from './traffic.ts';
import type { World } from './world.ts';

/** Longest time in which everything must have arrived after the last fault, ms. */
const SETTLE = 45_000;
/**
 * Longest time in which the counts must agree then, ms. A report whose worker lost its hold on it (its answer was cut,
 * say) is taken up again after up to 15 s, which may happen to it twice.
 */
const AGREEMENT = 40_000;
/** Traffic must succeed again this long after the end of a fault, ms. */
const RECOVERY = 10_000;

/** Units, but for `refused` and `outages`, which are requests. */
export interface RoundResult {
  readonly faults: readonly string[];
  readonly rows: readonly number[];
  readonly sent: number;
  readonly served: number;
  readonly counted: number;
  readonly answered: number;
  /** Whose client got no answer. */
  readonly uncertain: number;
  readonly refused: number;
  readonly outages: number;
  /** Most calls over a limit in a minute, also where that is not promised to be 0. */
  readonly over: number;
  readonly slowestMs: number;
  readonly seconds: number;
  /** What must not be; empty: the round passed. */
  readonly exceptions: readonly string[];
}

/** One round: traffic, faults in it, everything healed, and the ledgers held against what the backend counted. */
export async function playRound(
  world: World,
  number: number,
  faults: readonly Fault[],
  random: Random,
  clients: number,
): Promise<RoundResult> {
  const callers: Caller[] = [
    { userKey: `r${number}-free`, weight: 5, limit: null },
    { userKey: `r${number}-wide`, weight: 4, limit: random.between(200, 2_000) },
    { userKey: `r${number}-tight`, weight: 2, limit: random.pick([1, 10, 25]) },
  ];
  const reported: Caller = { userKey: `r${number}-reported`, weight: 0, limit: null };
  const ledger = new Ledger();
  const spoiled = new Set<string>();
  let destroyed = 0;
  const provision = async (): Promise<void> => {
    await provisionService(world.backendPort);
    await provisionCallers(world.backendPort, [...callers, reported]);
  };
  const scene = {
    world,
    random,
    ledger,
    callers,
    reported,
    provision,
    destroyed: (units: number) => void (destroyed += units),
    spoiled: (userKey: string) => void spoiled.add(userKey),
  };
  await provisionCallers(world.backendPort, [...callers, reported]);
  world.ledger = ledger;
  const since = systemClock.now();
  const traffic = new Traffic({ targets: world.gateways, callers, clients, pauseMs: 40, random, ledger });
  const reporter = new Reporter(world.backendLink.port, reported.userKey, ledger);
  const exceptions = await breakThings(faults, scene);
  await traffic.stop();
  await reporter.stop();
  const terms = await termsOf(world, faults, destroyed, spoiled);
  const verdict = await settle(scene, since, terms, exceptions);
  exceptions.push(...verdict.exceptions, ...statusExceptions(ledger));
  return {
    faults: faults.map(({ name }) => name),
    rows: [...new Set(faults.flatMap(({ rows }) => rows))],
    ...figures(ledger, [...callers, reported]),
    counted: verdict.counted,
    over: verdict.over,
    slowestMs: Math.round(traffic.slowest),
    seconds: Math.round((systemClock.now() - since) / 1_000),
    exceptions,
  };
}

/** All faults, one after the other, until everything works again. What does not, is the answer. */
async function breakThings(faults: readonly Fault[], scene: Scene): Promise<string[]> {
  const { world, random, ledger } = scene;
  const exceptions: string[] = [];
  await pause(400);
  for (const fault of faults) {
    await fault.run(scene).catch((error: unknown) => exceptions.push(`${fault.name}: ${String(error)}`));
    await pause(random.between(100, 600));
  }
  await world.heal();
  await recovers(ledger).catch((error: unknown) => exceptions.push(String(error)));
  return exceptions;
}

/** New requests must be served again. */
async function recovers(ledger: Ledger): Promise<void> {
  const before = ledger.statuses().get(200) ?? 0;
  await untilTrue(
    () => Promise.resolve((ledger.statuses().get(200) ?? 0) > before + 5),
    'traffic recovers after the faults',
    RECOVERY,
  );
}

async function termsOf(
  world: World,
  faults: readonly Fault[],
  destroyed: number,
  spoiled: ReadonlySet<string>,
): Promise<Terms> {
  const { mode, outageMs } = world.options;
  const bounded = (await world.limits()) !== 'exact';
  const forgets = faults.some((fault) => fault.forgets === true || (bounded && fault.rows.includes(32)));
  return {
    killed: faults.some(({ killsGateway }) => killsGateway),
    forgets,
    // Only leases keep a limit exactly, and only where gateways do not serve through an outage.
    exact: mode === 'leased' && outageMs === null && !bounded && !forgets,
    destroyed,
    spoiled,
  };
}

/** Waits until the gateways have nothing left to deliver and the counts meet their bounds. */
async function settle(
  { world, ledger, callers, reported }: Scene,
  since: number,
  terms: Terms,
  exceptions: string[],
): Promise<Verdict> {
  const isDelivered = async (): Promise<boolean> => {
    const pending = await Promise.all(
      world.gateways.map(({ adminPort }) => metric(adminPort, 'tallygate_usage_pending')),
    );
    return pending.every((left) => left === 0);
  };
  await untilTrue(isDelivered, 'all usage delivered (tallygate_usage_pending = 0)', SETTLE).catch((error: unknown) =>
    exceptions.push(String(error)),
  );
  const look = (): Promise<Verdict> => judge(world, ledger, callers, reported, since, terms);
  const agree = async (): Promise<boolean> => (await look()).exceptions.length === 0;
  // What remains then is told as an exception of its own.
  await untilTrue(agree, 'the counts agree', AGREEMENT).catch(() => undefined);
  await pause(300);
  return look();
}

function figures(
  ledger: Ledger,
  callers: readonly Caller[],
): Pick<RoundResult, 'sent' | 'served' | 'answered' | 'uncertain' | 'refused' | 'outages'> {
  const total = (side: Side): number => callers.reduce((sum, { userKey }) => sum + ledger.total(userKey, side), 0);
  const statuses = ledger.statuses();
  const requests = (...codes: number[]): number => codes.reduce((sum, code) => sum + (statuses.get(code) ?? 0), 0);
  return {
    sent: total('sent'),
    served: total('served'),
    answered: total('answered'),
    uncertain: total('unanswered'),
    refused: requests(429),
    outages: requests(0, 502, 503, 504),
  };
}
