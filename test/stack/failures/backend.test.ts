import { beforeAll, describe, expect, test } from 'vitest';
import { gatewayErrors } from '../../../shared/errors.ts';
import { Link } from '../../chaos/link.ts';
import type { LinkFaults } from '../../chaos/link.ts';
import { until } from '../../harness/latch.ts';
import { track } from '../../harness/resources.ts';
import { get, metric, startStack } from '../../harness/stack.ts';
import type { Stack, StackProcess } from '../../harness/stack.ts';
import { expectError, logged, promptly, serves } from './support.ts';

const CALLS = 'tallygate_backend_calls_total';

let stack: Stack;
let link: Link;

beforeAll(async () => {
  stack = await startStack({ gateways: 0 });
  link = await new Link(stack.backend.port, () => 0).listen();
  track({ stop: () => link.close(), abandon: () => undefined });
});

function http(status: string, body: string): Partial<LinkFaults> {
  return { answer: `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}` };
}

const FAULTS: readonly (readonly [name: string, fault: Partial<LinkFaults>])[] = [
  ['refuses connections', { cut: true }],
  ['is silent', { silent: true }],
  ['is slow', { delayMs: 3_000 }],
  ['breaks off every answer', { dropAnswers: 1 }],
  ['dies half way', { answer: 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<?xml' }],
  ['speaks no HTTP', { answer: 'SSH-2.0-OpenSSH_9.2\r\n' }],
  ['answers 200 with garbage', http('200 OK', '<html>authorized</html>')],
  ['answers 500', http('500 Internal Server Error', 'oops')],
  ['answers 503', http('503 Service Unavailable', '')],
  ['answers 429', http('429 Too Many Requests', 'slow down')],
  ['answers 403 as a proxy does', http('403 Forbidden', '<html>forbidden</html>')],
];

/** Here the backend acts and its answer is lost: per-request asks and counts in one call, so it may have counted. */
const ACTED: ReadonlySet<string> = new Set(['is slow', 'breaks off every answer']);

const TOLD: Readonly<Record<string, string>> = {
  leased: 'backend_down',
  batched: 'backend_unavailable',
  'per-request': 'backend_unavailable',
};

describe.each(['leased', 'batched', 'per-request'])('%s', (mode) => {
  let gateway: StackProcess;
  const known = `known-${mode}`;
  let served = 0;

  beforeAll(async () => {
    await stack.application(known, null);
    gateway = await stack.startGateway({
      BACKEND_URL: `http://127.0.0.1:${link.port}`,
      REPORTING_MODE: mode,
      AUTHS_TTL: mode === 'per-request' ? '0' : '10',
    });
  });

  test.each(FAULTS)('a backend that %s is an outage for a caller who was not seen before', async (name, fault) => {
    const fresh = `${mode} ${name}`.replaceAll(' ', '-');
    await stack.application(fresh, null);
    await serves(gateway, known);
    served += 1;
    Object.assign(link.faults, fault);
    if (fault.cut === true) link.reset();
    const before = await metric(gateway.adminPort, CALLS, 'result=');
    try {
      for (let call = 0; call < 4; call++) {
        const answer = await promptly(get(gateway.port, `/?user_key=${fresh}`));
        expectError(answer, gatewayErrors.backendUnavailable);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect(await metric(gateway.adminPort, CALLS, 'result=')).toBeGreaterThan(before);
    } finally {
      link.heal();
    }
    await serves(gateway, fresh);
    const most = mode === 'per-request' && ACTED.has(name) ? 5 : 1;
    await until(async () => (await stack.counted(fresh)) >= 1, 'what was served is counted');
    expect(await stack.counted(fresh)).toBeLessThanOrEqual(most);
  });

  test('an outage is told in the log, and usage of known callers arrives exactly', async () => {
    await logged(gateway, TOLD[mode] ?? '');
    await until(
      async () => (await stack.counted(known)) === stack.upstream.served(known),
      'the usage is counted',
      15_000,
    );
    expect(served).toBe(FAULTS.length);
    expect(await metric(gateway.adminPort, 'tallygate_usage_lost_total')).toBe(0);
  });
});
