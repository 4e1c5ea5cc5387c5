import { beforeAll, expect, test } from 'vitest';
import { engineErrors } from '../../../shared/errors.ts';
import type { ErrorEntry } from '../../../shared/errors.ts';
import { answer, dieHalfWay, hang, rawBytes, reset } from '../../harness/behaviour.ts';
import type { Behaviour } from '../../harness/behaviour.ts';
import { until } from '../../harness/latch.ts';
import { freePort } from '../../harness/ports.ts';
import { get, metric, startStack } from '../../harness/stack.ts';
import type { Stack, StackProcess } from '../../harness/stack.ts';
import { expectError, logged, rises } from './support.ts';

const ERRORS = 'tallygate_engine_errors_total';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ gateways: 1, gatewayEnv: { TIMEOUT_UPSTREAM_MS: '400', TIMEOUT_CONNECT_MS: '400' } });
});

const FAULTS: readonly (readonly [name: string, behaviour: Behaviour, error: ErrorEntry])[] = [
  ['never answers', hang, engineErrors.upstream_timeout],
  ['closes without an answer', rawBytes(''), engineErrors.upstream_closed],
  ['resets', reset, engineErrors.upstream_closed],
  ['closes within the head', rawBytes('HTTP/1.1 200 OK\r\nContent-'), engineErrors.upstream_closed],
  ['stops within the head', rawBytes('HTTP/1.1 200 OK\r\nContent-', 'keep'), engineErrors.upstream_timeout],
  ['speaks no HTTP', rawBytes('SSH-2.0-OpenSSH_9.2\r\n\r\n'), engineErrors.upstream_invalid],
  [
    'frames its answer twice',
    rawBytes('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    engineErrors.upstream_invalid,
  ],
  [
    'ends its chunks with garbage',
    rawBytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n'),
    engineErrors.upstream_invalid,
  ],
  [
    'sends a head of 70 KiB',
    rawBytes(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(71_680)}\r\n\r\n`),
    engineErrors.upstream_invalid,
  ],
];

test.each(FAULTS)(
  'an app that %s is told once in the log, and its requests are counted',
  async (name, behaviour, error) => {
    const gateway = await stack.startGateway();
    const key = name.replaceAll(' ', '-');
    await stack.application(key, null);
    stack.upstream.on(`/${key}`, behaviour);
    for (let call = 0; call < 2; call++) expectError(await get(gateway.port, `/${key}?user_key=${key}`), error);
    await logged(gateway, 'upstream_down');
    await rises(gateway.adminPort, ERRORS, `error="${error.code}"`, 1);
    expect((await get(gateway.port, `/?user_key=${key}`)).status).toBe(200);
    expect(gateway.process.output.match(/"code":"upstream_down"/g)).toHaveLength(1);
    await until(async () => (await stack.counted(key)) === 3, 'what was sent to the app is counted');
  },
);

test('an app that is not there is a 502, counted, and told', async () => {
  const gateway = await stack.startGateway({ UPSTREAM_URL: `http://127.0.0.1:${await freePort()}` });
  await stack.application('refused', null);
  expectError(await get(gateway.port, '/?user_key=refused'), engineErrors.upstream_refused);
  await logged(gateway, 'upstream_down');
  await rises(gateway.adminPort, ERRORS, 'error="upstream_refused"', 0);
  await until(async () => (await stack.counted('refused')) === 1, 'it is counted');
});

test.each([
  ['closes', dieHalfWay(100_000, 70_000)],
  ['resets', dieHalfWay(100_000, 70_000, 'reset')],
  ['stands still', rawBytes(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf`, 'keep')],
])('an answer that %s half way breaks off, never looks complete, and is counted', async (name, behaviour) => {
  const gateway = first();
  const key = `half-${name.replaceAll(' ', '-')}`;
  await stack.application(key, null);
  stack.upstream.on(`/${key}`, behaviour);
  await expect(get(gateway.port, `/${key}?user_key=${key}`)).rejects.toThrow(/terminated|fetch failed/);
  await logged(gateway, 'upstream_down');
  await until(async () => (await stack.counted(key)) === 1, 'it is counted');
});

test('an error of the app itself goes through as it is, and is counted', async () => {
  const gateway = first();
  await stack.application('app-error', null);
  stack.upstream.on('/error', answer(500, 'the app says no'));
  const { status, body } = await get(gateway.port, '/error?user_key=app-error');
  expect({ status, body }).toEqual({ status: 500, body: 'the app says no' });
  expect(await metric(gateway.adminPort, 'tallygate_requests_total', 'code="5xx"')).toBeGreaterThan(0);
  await until(async () => (await stack.counted('app-error')) === 1, 'it is counted');
});

function first(): StackProcess {
  const [gateway] = stack.gateways;
  if (gateway === undefined) throw new Error('the stack has no gateway');
  return gateway;
}
