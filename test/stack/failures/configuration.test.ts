import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { gatewayErrors } from '../../../shared/errors.ts';
import { startNode } from '../../harness/process.ts';
import { get, startStack } from '../../harness/stack.ts';
import type { Stack, StackProcess } from '../../harness/stack.ts';
import { expectError, logged, promptly, rises } from './support.ts';

let stack: Stack;
let file: string;

beforeAll(async () => {
  stack = await startStack({ gateways: 0 });
  await stack.application('caller', null);
  file = join(stack.folder, 'gateway.yaml');
});

function content(more = ''): string {
  return `services:\n  - { id: stack, token: stack-token, upstream: "${stack.upstream.url}" }\n${more}`;
}

test.each([
  [
    'has a mistake',
    'services:\n  - { id: a, token: t, upstream: "http://a.test", hots: [a] }\n',
    /bad\.yaml:2:\d+: .*hosts/,
  ],
  ['is no YAML', 'services: [\n', /bad\.yaml:\d+:\d+: /],
  ['is not there', null, /none\.yaml/],
])('a file that %s ends the start with exit code 1 and the place', async (_, text, expected) => {
  const CONFIG_FILE = join(stack.folder, text === null ? 'none.yaml' : 'bad.yaml');
  if (text !== null) await writeFile(CONFIG_FILE, text);
  const env = { CONFIG_FILE, BACKEND_URL: 'http://127.0.0.1:1', JOURNAL_DIR: join(stack.folder, 'unused') };
  const gateway = await startNode('bin/tallygate.js', ['gateway'], { env });
  expect(await gateway.exited).toEqual({ code: 1, signal: null });
  expect(gateway.output).toMatch(expected);
});

describe('a change', () => {
  let gateway: StackProcess;

  beforeAll(async () => {
    await writeFile(file, content());
    gateway = await stack.startGateway({ CONFIG_FILE: file, UPSTREAM_URL: '' });
  });

  test.each([
    ['that is bad', async () => writeFile(file, content('oops: 1\n'))],
    ['that is half written', async () => writeFile(file, content().slice(0, 40))],
    ['that removes the file', async () => rm(file)],
  ])('%s is refused, told, and the configuration before stays in force', async (_, change) => {
    const refused = gateway.process.output.match(/"code":"config_refused"/g)?.length ?? 0;
    await change();
    gateway.process.signal('SIGHUP');
    await rises(gateway.adminPort, 'tallygate_config_reloads_total', 'result="refused"', refused);
    await logged(gateway, 'config_refused');
    expect((await get(gateway.port, '/?user_key=caller')).status).toBe(200);
  });

  test('of a setting of the process is applied as far as it can be, and the rest is told', async () => {
    await writeFile(file, content('authsTtl: 5s\n'));
    gateway.process.signal('SIGHUP');
    await rises(gateway.adminPort, 'tallygate_config_reloads_total', 'result="applied"', 0);
    await logged(gateway, 'config_restart_needed');
    expect((await get(gateway.port, '/?user_key=caller')).status).toBe(200);
  });
});

test('a port that is taken ends the start with exit code 1', async () => {
  const env = {
    UPSTREAM_URL: stack.upstream.url,
    BACKEND_URL: `http://127.0.0.1:${stack.backend.port}`,
    SERVICE_ID: 'stack',
    SERVICE_TOKEN: 'stack-token',
    HOST: '127.0.0.1',
    PORT: String(stack.upstream.port),
    ADMIN_PORT: '0',
    JOURNAL_DIR: join(stack.folder, 'taken'),
  };
  const gateway = await startNode('bin/tallygate.js', ['gateway'], { env });
  expect(await gateway.exited).toEqual({ code: 1, signal: null });
  expect(gateway.output).toContain(String(stack.upstream.port));
});

test.each([
  ['leased', 'service_token_refused'],
  ['batched', 'backend_complains'],
  ['per-request', 'backend_complains'],
])(
  '%s: a service token that the backend refuses is an outage for clients, and told to the operator',
  async (mode, code) => {
    const gateway = await stack.startGateway({ SERVICE_TOKEN: 'wrong', REPORTING_MODE: mode });
    const answer = await promptly(get(gateway.port, '/?user_key=caller'));
    expectError(answer, gatewayErrors.backendUnavailable);
    await logged(gateway, code);
    await rises(gateway.adminPort, 'tallygate_backend_calls_total', 'result="4', 0);
  },
);
