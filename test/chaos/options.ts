import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Fault, StoreKind } from './faults/fault.ts';

const HELP = `npm run chaos -- [options]

Real gateways, backend, worker and Redis under traffic, with processes killed, links broken, disks and clocks that fail at
random points. Clients and upstream keep ledgers; after each round they are held, for each application and minute,
against what the backend counted. Needs root (mount), and strace and libfaketime, which it unpacks from Debian's packages.

  --rounds N         rounds (default 10)
  --seed S           the first round's seed (default: random, printed)
  --store KIND       redis (default), embedded, sentinel (a master, 2 replicas, 3 Sentinels), cluster (3 masters)
  --mode MODE        reporting mode of the gateways (default leased)
  --gateways N       gateways (default 2)
  --clients N        clients, each with up to 40 ms between two requests (default 12)
  --rows LIST        only faults of these rows of the fault matrix, such as 1,19-24
  --outage S         a partition of row 46 lasts S seconds; gateways then serve known callers (BACKEND_DOWN=resilient)
  --backlog N        reports that pile up in row 28 (default 2000)
  --wait-replicas N  REDIS_WAIT_REPLICAS of the backend (default: not set)
  --json FILE        write the results there
`;

const KINDS: readonly StoreKind[] = ['redis', 'embedded', 'sentinel', 'cluster'];

export interface Options {
  readonly rounds: number;
  readonly seed: number;
  readonly store: StoreKind;
  readonly mode: string;
  readonly gateways: number;
  readonly clients: number;
  readonly rows: string | null;
  readonly outageMs: number | null;
  readonly backlog: number;
  readonly waitReplicas: string | null;
  readonly json: string | null;
}

/** Text is the answer to `--help`. Throws an Error that says what is wrong. */
export function readOptions(args: readonly string[]): Options | string {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { ...text, default: '10' },
      seed: text,
      store: { ...text, default: 'redis' },
      mode: { ...text, default: 'leased' },
      gateways: { ...text, default: '2' },
      clients: { ...text, default: '12' },
      rows: text,
      outage: text,
      backlog: { ...text, default: '2000' },
      'wait-replicas': text,
      json: text,
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return HELP;
  const store = KINDS.find((kind) => kind === values.store);
  if (store === undefined) throw new Error(`--store ${values.store}: one of ${KINDS.join(', ')} would be right`);
  return {
    rounds: whole('rounds', values.rounds, 1),
    seed: values.seed === undefined ? randomInt(1_000_000) : whole('seed', values.seed, 0),
    store,
    mode: values.mode,
    gateways: whole('gateways', values.gateways, 1),
    clients: whole('clients', values.clients, 1),
    rows: values.rows ?? null,
    outageMs: values.outage === undefined ? null : 1_000 * whole('outage', values.outage, 1),
    backlog: whole('backlog', values.backlog, 1),
    waitReplicas: values['wait-replicas'] ?? null,
    json: values.json ?? null,
  };
}

/** Is the fault one of the rows of a list such as `1,19-24`? */
export function isChosen(fault: Fault, rows: string | null): boolean {
  if (rows === null) return true;
  return rows.split(',').some((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return fault.rows.some((row) => row >= from && row <= to);
  });
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} ${text}: a whole number from ${least} on would be right`);
  return value;
}
