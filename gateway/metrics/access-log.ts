import { once } from 'node:events';
import { pino } from 'pino';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { Call } from '../authorization/authorizer.ts';
import type { Exchange } from '../http1/contract.ts';

/** Lines wait for this many bytes, or for the next flush. */
const BUFFER_BYTES = 8 * 1024;
/** What may wait for a file that does not keep up; lines beyond it are dropped and counted. */
const MAX_BUFFER_BYTES = 8 * 1024 * 1024;
const FLUSH_EVERY_MS = 500;

export type Logged = Pick<
  Exchange<Call>,
  'method' | 'path' | 'host' | 'remoteAddress' | 'status' | 'upstreamStatus' | 'startedAt' | 'failure' | 'context'
>;

/** One JSON line per request, without its query and fields: no credential gets in. */
export class AccessLog {
  dropped = 0;
  private readonly clock: Clock;
  private readonly destination: ReturnType<typeof pino.destination>;
  private readonly timer: Timer;

  /** `path`: of a file, or `stdout`. A file that cannot be opened or written is logged, and its lines are dropped. */
  constructor(path: string, clock: Clock, log: Logger) {
    this.clock = clock;
    this.destination = pino.destination({
      dest: path === 'stdout' ? 1 : path,
      sync: false,
      append: true,
      mkdir: true,
      minLength: BUFFER_BYTES,
      maxLength: MAX_BUFFER_BYTES,
    });
    this.destination.on('drop', () => this.dropped++);
    logTransitions(this.destination, path, log);
    this.timer = clock.every(FLUSH_EVERY_MS, () => this.destination.flush());
  }

  write(exchange: Logged): void {
    const line = {
      time: new Date(this.clock.now()).toISOString(),
      client: exchange.remoteAddress,
      host: exchange.host,
      method: exchange.method,
      path: exchange.path,
      service: exchange.context?.service.id ?? null,
      status: exchange.status,
      upstream: exchange.upstreamStatus,
      ms: Math.round((this.clock.monotonic() - exchange.startedAt) * 1000) / 1000,
      failure: exchange.failure,
    };
    this.destination.write(`${JSON.stringify(line)}\n`);
  }

  /** Opens the file again: it was moved away (log rotation). */
  reopen(): void {
    this.destination.reopen();
  }

  async close(): Promise<void> {
    this.timer.cancel();
    const closed = once(this.destination, 'close');
    this.destination.end();
    await closed;
  }
}

/** Null when `ACCESS_LOG` is off: then a request costs nothing. */
export function createAccessLog(setting: string, clock: Clock, log: Logger): AccessLog | null {
  return setting === 'off' ? null : new AccessLog(setting, clock, log);
}

/** A full disk is said once, and once that it is over. */
function logTransitions(destination: ReturnType<typeof pino.destination>, path: string, log: Logger): void {
  let failing = false;
  destination.on('error', (error: unknown) => {
    if (!failing) log.error({ error, path }, 'access log cannot be written');
    failing = true;
  });
  destination.on('write', () => {
    if (failing) log.info({ path }, 'access log is written again');
    failing = false;
  });
}
