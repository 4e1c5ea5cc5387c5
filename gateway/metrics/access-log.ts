import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { Call } from '../authorization/authorizer.ts';
import type { Exchange } from '../http1/contract.ts';
import { openOutput } from './line-output.ts';
import type { LineOutput } from './line-output.ts';

/** Characters that may wait for a file that does not keep up; lines beyond them are dropped and counted. */
const MAX_WAITING = 8 * 1024 * 1024;
/** Lines are written when there are this many characters of them, or at the next flush. */
const WRITE_AT = 64 * 1024;
const FLUSH_EVERY_MS = 500;

export type Logged = Pick<
  Exchange<Call>,
  'method' | 'path' | 'host' | 'remoteAddress' | 'status' | 'upstreamStatus' | 'startedAt' | 'failure' | 'context'
>;

/** One JSON line per request, without its query and fields: no credential gets in. */
export class AccessLog {
  dropped = 0;
  private readonly output: LineOutput;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly timer: Timer;
  private waiting = '';
  private turn: Promise<void> = Promise.resolve();
  private writing = false;
  private failing = false;

  constructor(output: LineOutput, clock: Clock, log: Logger) {
    this.output = output;
    this.clock = clock;
    this.log = log;
    this.timer = clock.every(FLUSH_EVERY_MS, () => this.flush());
  }

  write(exchange: Logged): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.dropped++;
      return;
    }
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
    this.waiting += `${JSON.stringify(line)}\n`;
    if (this.waiting.length >= WRITE_AT) this.flush();
  }

  /** Opens the file again: it was moved away (log rotation). */
  async reopen(): Promise<void> {
    this.flush();
    await this.next(() => this.output.reopen());
  }

  async close(): Promise<void> {
    this.timer.cancel();
    await this.turn;
    this.flush();
    await this.next(() => this.output.close());
  }

  private flush(): void {
    if (this.writing || this.waiting === '') return;
    const text = this.waiting;
    this.waiting = '';
    this.writing = true;
    void this.next(() => this.append(text)).finally(() => {
      this.writing = false;
    });
  }

  private async append(text: string): Promise<void> {
    try {
      await this.output.append(text);
    } catch (error) {
      this.dropped += text.split('\n').length - 1;
      throw error;
    }
  }

  /** One operation after the other. A fault is said once, and once that it is over. */
  private async next(operation: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(operation).then(
      () => this.state(null),
      (error: unknown) => this.state(error),
    );
    await this.turn;
  }

  private state(error: unknown): void {
    if (error !== null && !this.failing) {
      this.log.error({ code: 'access_log_failing', error }, 'access log cannot be written; its lines are lost');
    }
    if (error === null && this.failing) {
      this.log.info({ code: 'access_log_recovered' }, 'access log is written again');
    }
    this.failing = error !== null;
  }
}

/**
 * `setting`: as `ACCESS_LOG`. `shared`: other processes write there too. Null when it is off: then a request costs
 * nothing. Rejects when the file cannot be opened.
 */
export async function openAccessLog(
  setting: string,
  shared: boolean,
  clock: Clock,
  log: Logger,
): Promise<AccessLog | null> {
  return setting === 'off' ? null : new AccessLog(await openOutput(setting, shared), clock, log);
}
