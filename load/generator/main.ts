import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { systemClock } from '../../shared/clock.ts';
import { Latencies } from './latencies.ts';

/**
 * Open-loop generator, a process of its own: the schedule is fixed in advance, a latency counts from the moment at
 * which the request was to be sent, however late it was (no coordinated omission). One request at a time on each
 * connection; when none is free the request waits, and its waiting counts.
 *
 * Arguments: port, path, requests per second, seconds, connections. Prints one line of JSON, in microseconds.
 */
const [port = 0, , rate = 0, seconds = 0, connections = 0] = process.argv.slice(2).map(Number);
const path = process.argv[3] ?? '/';
const REQUEST = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`, 'latin1');
const HEAD_END = Buffer.from('\r\n\r\n');

const latencies = new Latencies();
const free: Connection[] = [];
const waiting: number[] = [];
let errors = 0;

/** One connection to the candidate. */
class Connection {
  readonly socket: Socket;
  /** When the request on it was to be sent, ms; negative: none. */
  intended = -1;
  left = 0;

  constructor(ready: () => void) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true }, ready);
    this.socket.on('data', (bytes) => this.read(bytes));
    this.socket.on('error', () => void errors++);
    this.socket.on('close', () => void errors++);
  }

  send(intended: number): void {
    this.intended = intended;
    this.socket.write(REQUEST);
  }

  /** The answers of a round are small and alike; a head that comes in pieces counts as an error. */
  read(bytes: Buffer): void {
    if (this.left === 0) {
      const end = bytes.indexOf(HEAD_END);
      const head = bytes.toString('latin1', 0, Math.max(0, end));
      const length = /content-length: *(\d+)/i.exec(head)?.[1];
      if (end < 0 || length === undefined || !head.startsWith('HTTP/1.1 200')) errors++;
      this.left = end + 4 + Number(length ?? 0);
    }
    this.left -= bytes.length;
    if (this.left > 0) return;
    this.left = 0;
    latencies.add((systemClock.monotonic() - this.intended) * 1000);
    const next = waiting.shift();
    if (next === undefined) free.push(this);
    else this.send(next);
  }
}

async function main(): Promise<void> {
  const opened: Connection[] = [];
  for (let i = 0; i < connections; i++) {
    await new Promise<void>((resolve) => opened.push(new Connection(resolve)));
  }
  free.push(...opened);
  const total = Math.floor(rate * seconds);
  const start = systemClock.monotonic() + 5;
  let next = 0;
  const due = (index: number): number => start + (index * 1000) / rate;
  const pump = (): void => {
    const now = systemClock.monotonic();
    while (next < total && due(next) <= now) {
      const intended = due(next++);
      const connection = free.pop();
      if (connection === undefined) waiting.push(intended);
      else connection.send(intended);
    }
    if (next < total) setImmediate(pump);
    else systemClock.after(500, () => report(total, opened));
  };
  pump();
}

function report(total: number, opened: readonly Connection[]): void {
  const broken = errors;
  for (const { socket } of opened) socket.destroy();
  const cpu = process.cpuUsage();
  const quantile = (share: number): number => latencies.quantile(share);
  console.log(
    JSON.stringify({
      sent: total,
      answered: latencies.count,
      errors: broken + (total - latencies.count),
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
      cpuMicrosecondsPerRequest: (cpu.user + cpu.system) / total,
    }),
  );
  process.exit(0);
}

await main();
