import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../harness/folder.ts';
import { startNode } from '../harness/process.ts';

test('the example is made in a backend that asks for a password, and may be made again', async () => {
  const credentials = { INTERNAL_API_USER: 'me', INTERNAL_API_PASSWORD: 'p@ss: word' };
  const backend = await startNode('bin/tallygate.js', ['backend'], {
    env: { PORT: '0', DATA_DIR: join(await temporaryFolder(), 'store'), ...credentials },
    ready: /backend is listening/,
  });
  const BACKEND_URL = `http://127.0.0.1:${/"port":(\d+)/.exec(backend.output)?.[1] ?? ''}`;
  const env = { ...credentials, BACKEND_URL };
  for (let i = 0; i < 2; i++) {
    const provision = await startNode('dist/bin/demo/provision.js', [], { env });
    expect((await provision.exited).code, provision.output).toBe(0);
  }
  const asked = await fetch(
    `${BACKEND_URL}/transactions/authorize.xml?service_token=demo-token&service_id=demo&user_key=demo-key`,
  );
  expect(await asked.text()).toContain('<authorized>true</authorized>');
  const wrong = await startNode('dist/bin/demo/provision.js', [], { env: { ...env, INTERNAL_API_PASSWORD: 'no' } });
  expect((await wrong.exited).code).toBe(1);
});
