import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { systemClock } from '../../shared/clock.ts';
import { Connection } from './connection.ts';
import { Latencies } from './latencies.ts';

/**
 * The generator, a process of its own. With a rate it is an open loop: the schedule is fixed in advance, a latency
 * counts from the moment at which the request was to be sent, however late it was (no coordinated omission); when no
 * connection is free the request waits, and its waiting counts. Without a rate each connection sends its next request
 * when it has its answer.
 *
 * Argument: what to do, as JSON; of a lead-in nothing is taken. Prints one line of JSON, times in microseconds.
 */
const check = Compile(
  Type.Object({
    port: Type.Integer(),
    targets: Type.Array(Type.Object({ host: Type.String(), path: Type.String() }), { minItems: 1 }),
    status: Type.Integer(),
    rate: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
    leadIn: Type.Number({ minimum: 0 }),
    seconds: Type.Number({ exclusiveMinimum: 0 }),
    connections: Type.Integer({ minimum: 1 }),
  }),
);
/** After the last request, answers may take this long, ms: one that comes late counts as late. */
const GRACE = 5_000;
/** All connections must be open after, ms. */
const CONNECT_WITHIN = 5_000;

const load: unknown = JSON.parse(process.argv[2] ?? 'null');
if (!check.Check(load)) throw new Error('the argument does not say what to do');
const { port, status, rate, leadIn, seconds } = load;
const requests = load.targets.map(({ host, path }) =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'latin1'),
);
const latencies = new Latencies();
const waiting: number[] = [];
const free: Connection[] = [];
const opened: Connection[] = [];
let answered = 0;
let errors = 0;
/** Answers after which all is over; known when an open loop begins. */
let expected = Infinity;
/** Requests that were to be sent earlier belong to the lead-in. */
let takenFrom = 0;
let firstFault = '';
let turn = 0;
/** What a connection does that takes a request; before the first: it waits until all are open. */
let next = (connection: Connection): void => {
  free.push(connection);
  if (free.length === opened.length) begin();
};

const events = {
  answered(intended: number): void {
    answered++;
    if (intended >= takenFrom) latencies.add((systemClock.monotonic() - intended) * 1000);
    if (answered === expected) report(expected);
  },
  free: (connection: Connection): void => next(connection),
  failed(fault: string): void {
    if (errors++ === 0) firstFault = fault;
  },
};

function begin(): void {
  if (rate === null) closedLoop();
  else openLoop(rate);
}

function send(connection: Connection, intended: number): void {
  turn = turn + 1 === requests.length ? 0 : turn + 1;
  connection.send(requests[turn] ?? Buffer.alloc(0), intended);
}

function openLoop(perSecond: number): void {
  const total = Math.floor(perSecond * (seconds + leadIn));
  const start = systemClock.monotonic() + 5;
  takenFrom = start + leadIn * 1000;
  expected = total;
  const due = (index: number): number => start + (index * 1000) / perSecond;
  let sent = 0;
  next = (connection) => {
    const intended = waiting.shift();
    if (intended === undefined) free.push(connection);
    else send(connection, intended);
  };
  const pump = (): void => {
    const now = systemClock.monotonic();
    while (sent < total && due(sent) <= now) {
      const intended = due(sent++);
      const connection = free.pop();
      if (connection === undefined) waiting.push(intended);
      else send(connection, intended);
    }
    if (sent < total) setImmediate(pump);
    else systemClock.after(GRACE, () => report(total));
  };
  pump();
}

function closedLoop(): void {
  const start = systemClock.monotonic();
  const end = start + (leadIn + seconds) * 1000;
  takenFrom = start + leadIn * 1000;
  let busy = opened.length;
  next = (connection) => {
    const now = systemClock.monotonic();
    if (now < end) send(connection, now);
    else if (--busy === 0) report(answered);
  };
  systemClock.after(end - start + GRACE, () => report(answered + busy));
  for (const connection of free.splice(0)) send(connection, start);
}

function report(wanted: number): void {
  const failed = errors + (wanted - answered);
  const { user, system } = process.cpuUsage();
  console.log(
    JSON.stringify({
      answered,
      errors: failed,
      fault: firstFault || (failed > 0 ? `${failed} of ${wanted} requests without an answer` : ''),
      perSecond: latencies.count / seconds,
      p50: latencies.quantile(0.5),
      p95: latencies.quantile(0.95),
      p99: latencies.quantile(0.99),
      cpu: (user + system) / answered,
    }),
  );
  process.exit(0);
}

for (let index = 0; index < load.connections; index++) opened.push(new Connection(port, status, events));
for (const connection of opened) connection.open();
systemClock.after(CONNECT_WITHIN, () => {
  if (free.length < opened.length && answered === 0) report(1);
});
