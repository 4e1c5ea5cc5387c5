import { systemClock } from '../../shared/clock.ts';
import { metric, pause, untilTrue } from './admin.ts';
import type { Fault } from './fault.ts';
import { Ledger } from './ledger.ts';
import { provisionCallers } from './provision.ts';
import type { Caller } from './provision.ts';
import type { Random } from './random.ts';
import { Reporter } from './reporter.ts';
import { Traffic } from './traffic.ts';
import { countedByMinute } from './usage.ts';
import type { World } from './world.ts';

/** Longest time in which everything must have arrived after the last fault, ms. */
const SETTLE = 45_000;
/** Traffic must succeed again this long after the end of a fault, ms. */
const RECOVERY = 10_000;

export interface RoundResult {
  readonly faults: readonly string[];
  readonly sent: number;
  readonly served: number;
  readonly counted: number;
  readonly refused: number;
  readonly outages: number;
  readonly slowestMs: number;
  /** What must not be; empty: the round passed. */
  readonly exceptions: readonly string[];
}

/** One round: traffic, faults in it, everything healed, and the ledgers held against what the backend counted. */
export async function playRound(
  world: World,
  number: number,
  faults: readonly Fault[],
  random: Random,
): Promise<RoundResult> {
  const callers: Caller[] = [
    { userKey: `r${number}-free`, weight: 5, limit: null },
    { userKey: `r${number}-wide`, weight: 4, limit: random.between(200, 2_000) },
    { userKey: `r${number}-tight`, weight: 2, limit: random.pick([1, 10, 25]) },
  ];
  const reported: Caller = { userKey: `r${number}-reported`, weight: 0, limit: null };
  await provisionCallers(world.backendPort, [...callers, reported]);
  const ledger = new Ledger();
  world.ledger = ledger;
  const since = systemClock.now();
  const traffic = new Traffic({ targets: world.gateways, callers, clients: 12, pauseMs: 40, random, ledger });
  const reporter = new Reporter(world.backendLink.port, reported.userKey, ledger);
  const exceptions: string[] = [];
  await pause(400);
  for (const fault of faults) {
    await fault.run(world, random);
    await pause(random.between(100, 600));
  }
  await world.heal();
  await recovers(ledger).catch((error: unknown) => exceptions.push(String(error)));
  await traffic.stop();
  await reporter.stop();
  const killed = faults.some(({ killsGateway }) => killsGateway);
  await settle(world, ledger, [...callers, reported], since, killed).catch((error: unknown) =>
    exceptions.push(String(error)),
  );
  const checked = await check(world, ledger, [...callers, reported], since, killed);
  exceptions.push(...checked.exceptions, ...statusExceptions(ledger));
  const statuses = ledger.statuses();
  return {
    faults: faults.map(({ name }) => name),
    sent: sum([...callers, reported].map(({ userKey }) => ledger.total(userKey, 'sent'))),
    served: sum([...callers, reported].map(({ userKey }) => ledger.total(userKey, 'served'))),
    counted: checked.counted,
    refused: statuses.get(429) ?? 0,
    outages: (statuses.get(503) ?? 0) + (statuses.get(502) ?? 0) + (statuses.get(504) ?? 0) + (statuses.get(0) ?? 0),
    slowestMs: Math.round(traffic.slowest),
    exceptions,
  };
}

/** New requests must be served again. */
async function recovers(ledger: Ledger): Promise<void> {
  const before = ledger.statuses().get(200) ?? 0;
  await untilTrue(
    async () => (ledger.statuses().get(200) ?? 0) > before + 5,
    'traffic recovers after the faults',
    RECOVERY,
  );
}

/** Waits until the gateways have nothing left to deliver and the counts meet their lower bounds. */
async function settle(
  world: World,
  ledger: Ledger,
  callers: readonly Caller[],
  since: number,
  killed: boolean,
): Promise<void> {
  await untilTrue(
    async () => {
      const pending = await Promise.all(
        world.gateways.map(({ adminPort }) => metric(adminPort, 'tallygate_usage_pending')),
      );
      return pending.every((left) => left === 0);
    },
    'all usage delivered (tallygate_usage_pending = 0)',
    SETTLE,
  );
  await untilTrue(
    async () => (await check(world, ledger, callers, since, killed)).exceptions.length === 0,
    'the counts agree',
    15_000,
  );
  await pause(300);
}

async function check(
  world: World,
  ledger: Ledger,
  callers: readonly Caller[],
  since: number,
  killed: boolean,
): Promise<{ counted: number; exceptions: string[] }> {
  const exceptions: string[] = [];
  let total = 0;
  // Only leases keep a limit exactly.
  const leased = world.options.mode === 'leased';
  for (const { userKey, limit } of callers) {
    const counted = await countedByMinute(world.backendPort, userKey, since - 60_000, systemClock.now() + 60_000);
    if (counted === null) return { counted: 0, exceptions: [`${userKey}: the analytics do not answer`] };
    const units = sum([...counted.values()]);
    total += units;
    const served = ledger.total(userKey, 'served');
    const sent = ledger.total(userKey, 'sent');
    if (units < served) exceptions.push(`${userKey}: LOST ${served - units}: served ${served}, counted ${units}`);
    if (units > sent) exceptions.push(`${userKey}: counted ${units} of ${sent} sent`);
    const reported = userKey.endsWith('-reported');
    if (!killed && !reported && units !== served)
      exceptions.push(`${userKey}: served ${served}, counted ${units}, and no gateway was killed`);
    for (const { minute, least, most, counted: inMinute } of ledger.compare(userKey, counted)) {
      if (inMinute < least || inMinute > most) {
        exceptions.push(
          `${userKey} ${new Date(minute).toISOString()}: counted ${inMinute}, must be ${least} to ${most}`,
        );
      }
      if (limit !== null && leased && inMinute > limit)
        exceptions.push(`${userKey} ${new Date(minute).toISOString()}: OVER the limit ${limit}: ${inMinute}`);
    }
  }
  return { counted: total, exceptions };
}

/** An outage is never shown as a refusal, and a fault inside never as 500. */
function statusExceptions(ledger: Ledger): string[] {
  return [...ledger.statuses()]
    .filter(([status]) => ![0, 200, 202, 429, 502, 503, 504].includes(status))
    .map(([status, times]) => `${times} requests were answered ${status}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
