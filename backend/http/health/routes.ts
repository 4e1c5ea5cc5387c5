import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/clock.ts';
import type { CheckResult, HealthCheck } from './check.ts';

/** A check that does not answer within this is a failed one, ms. */
const CHECK_TIMEOUT = 1_000;

export interface Readiness {
  readonly ready: boolean;
  readonly checks: ReadonlyMap<string, CheckResult>;
}

/** Answers whether the process lives and whether it can do its work; `checks` are asked at each call, at once. */
export class Health {
  readonly #clock: Clock;
  readonly #checks: readonly HealthCheck[];
  #stopping = false;

  constructor(checks: readonly HealthCheck[], clock: Clock) {
    this.#checks = checks;
    this.#clock = clock;
  }

  /** From now on not ready: no new work shall be sent here. */
  stop(): void {
    this.#stopping = true;
  }

  async readiness(): Promise<Readiness> {
    const results = await Promise.all(this.#checks.map(async (check) => [check.name, await this.#ask(check)] as const));
    const checks = new Map<string, CheckResult>(results);
    if (this.#stopping) checks.set('process', { ok: false, problem: 'it is shutting down' });
    return { ready: [...checks.values()].every((result) => result.ok), checks };
  }

  /** `/health/live` and `/health/ready`: 200 or 503 with `{status, checks{}}`. */
  readonly routes = (server: FastifyInstance): void => {
    server.get('/health/live', described('Does the process run?'), () => ({ status: 'live', checks: {} }));
    server.get('/health/ready', described('Can it do its work? 200, or 503 and why not'), async (_request, reply) => {
      const { ready, checks } = await this.readiness();
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks: describe(checks) });
    });
  };

  async #ask(check: HealthCheck): Promise<CheckResult> {
    return new Promise((resolve) => {
      const late = this.#clock.after(CHECK_TIMEOUT, () => {
        resolve({ ok: false, problem: `no answer within ${CHECK_TIMEOUT} ms` });
      });
      Promise.resolve()
        .then(() => check.check())
        .then(resolve, (error: unknown) => {
          resolve({ ok: false, problem: error instanceof Error ? error.message : String(error) });
        })
        .finally(() => late.cancel());
    });
  }
}

function described(summary: string) {
  return { schema: { tags: ['operations'], summary } };
}

function describe(checks: ReadonlyMap<string, CheckResult>): Record<string, object> {
  return Object.fromEntries(
    [...checks].map(([name, { ok, problem, detail }]) => [
      name,
      { status: ok ? 'ok' : 'failing', ...(problem === '' ? {} : { problem }), ...detail },
    ]),
  );
}
