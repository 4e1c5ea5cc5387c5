import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfiguration } from '../../../gateway/config/read.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { redactedConfiguration } from '../../../gateway/config/redact.ts';

const CANARY = 'c4n4ry';

it('no secret is in what is shown of the configuration', async () => {
  const file = join(await temporaryFolder(), 'c.yaml');
  writeFileSync(
    file,
    `services:
  - { id: a, token: ${CANARY}1, upstream: "http://a.test", hosts: [a], requestHeaders: { set: { X-Secret: ${CANARY}2 } } }
  - { id: b, providerKey: ${CANARY}3, upstream: "http://b.test" }
`,
  );
  const shown = JSON.stringify(
    redactedConfiguration(readConfiguration({ CONFIG_FILE: file, BACKEND_URL: 'http://b.test' })),
  );
  expect(shown).not.toContain(CANARY);
  expect(shown).toContain('X-Secret');
});

it('nor of a service from the environment', () => {
  const env = { UPSTREAM_URL: 'http://a.test', BACKEND_URL: 'http://b.test', SERVICE_ID: '1', SERVICE_TOKEN: CANARY };
  expect(JSON.stringify(redactedConfiguration(readConfiguration(env)))).not.toContain(CANARY);
});
