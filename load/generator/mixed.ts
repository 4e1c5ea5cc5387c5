import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { systemClock } from '../../shared/clock.ts';
import { Connection } from './connection.ts';
import { converse } from './converse.ts';
import { KEPT_OF_30, MIX, keptRequest } from './mix.ts';

/**
 * Mixed load with aborts at a fixed rate, a process of its own. Argument: what to do, as JSON. Prints one line of JSON.
 */
const check = Compile(
  Type.Object({
    port: Type.Integer(),
    rate: Type.Number({ exclusiveMinimum: 0 }),
    seconds: Type.Number({ exclusiveMinimum: 0 }),
    connections: Type.Integer({ minimum: 1 }),
  }),
);
const STEP_MS = 5;
/** Connecting, and what is under way when the last has begun, may take this long, ms. */
const GRACE = 11_000;
/** The first faults are named. */
const NAMED_FAULTS = 5;

const load: unknown = JSON.parse(process.argv[2] ?? 'null');
if (!check.Check(load)) throw new Error('the argument does not say what to do');
const { port, rate, seconds, connections } = load;

const free: Connection[] = [];
/** Turns for which no kept connection was free. */
const waiting: number[] = [];
const faults: string[] = [];
let faultCount = 0;
let begun = 0;
let underWay = 0;
let closing = false;

function ended(fault: string | null): void {
  underWay--;
  if (fault !== null) failed(fault);
}

function failed(fault: string): void {
  if (closing) return;
  faultCount++;
  if (faults.length < NAMED_FAULTS) faults.push(fault);
}

const events = {
  answered: (): void => ended(null),
  free(connection: Connection): void {
    const turn = waiting.shift();
    if (turn === undefined) free.push(connection);
    else connection.send(keptRequest(turn), systemClock.monotonic());
  },
  failed,
};

function begin(turn: number): void {
  underWay++;
  const place = turn % 30;
  const connection = place < KEPT_OF_30 ? free.pop() : undefined;
  if (place < KEPT_OF_30) {
    if (connection === undefined) waiting.push(turn);
    else connection.send(keptRequest(turn), systemClock.monotonic());
    return;
  }
  const part = MIX[place - KEPT_OF_30];
  if (part === undefined) ended('the mix has less than 30 parts');
  else void converse({ port, ...part(turn) }).then(ended);
}

async function main(): Promise<void> {
  const opened: Connection[] = [];
  for (let index = 0; index < connections; index++) opened.push(new Connection(port, 200, events));
  for (const connection of opened) connection.open();
  await until(() => free.length === connections);
  const start = systemClock.monotonic();
  const total = Math.floor(rate * seconds);
  while (begun < total) {
    const due = Math.min(total, Math.floor(((systemClock.monotonic() - start) * rate) / 1000));
    while (begun < due) begin(begun++);
    await step();
  }
  await until(() => underWay === 0);
  if (underWay > 0) failed(`${underWay} without an end`);
  closing = true;
  for (const connection of opened) connection.close();
  console.log(JSON.stringify({ requests: begun, faults: faultCount, named: faults }));
  process.exit(0);
}

function step(): Promise<void> {
  return new Promise((resolve) => void systemClock.after(STEP_MS, resolve));
}

/** Waits for it, `GRACE` at most. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = systemClock.monotonic() + GRACE;
  while (!holds() && systemClock.monotonic() < deadline) {
    await step();
  }
}

// Timers of the clock keep no process alive. Standard input does, for as long as whoever started this lives.
process.stdin.resume().once('end', () => process.exit(1));
await main();
