import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createMemoryStore } from '../../backend/store/memory/store.ts';
import { systemClock } from '../../shared/clock.ts';
import { createThreescaleServer } from '../backend/harness/threescale-server.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { startNode } from '../harness/process.ts';
import { track } from '../harness/resources.ts';

let folder: string;
let url: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const { server } = await createThreescaleServer(createMemoryStore({ clock: systemClock }));
  url = await server.listen({ host: '127.0.0.1', port: 0 });
  track({ stop: async () => server.close(), abandon: () => {} });
});

async function tallygate(...args: readonly string[]): Promise<readonly [number | null, string]> {
  const started = await startNode('bin/tallygate.js', args, { env: { BACKEND_URL: url } });
  const { code } = await started.exited;
  return [code, started.output];
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

it('applies a file, shows the difference first, and exports it again', async () => {
  const file = write('shop.yaml', 'services:\n  - { id: shop, providerKey: pk, metrics: [{ name: hits }] }\n');
  expect(await tallygate('apply', file, '--dry-run')).toEqual([0, '+ service shop\n+ metric shop/hits\n']);
  expect(await tallygate('apply', file)).toEqual([0, '+ service shop\n+ metric shop/hits\napplied 2 changes\n']);
  expect(await tallygate('apply', file)).toEqual([0, 'nothing to change\n']);
  const [, exported] = await tallygate('export');
  expect(await tallygate('apply', '--prune', write('exported.yaml', exported))).toEqual([0, 'nothing to change\n']);
});

it('says where a file is wrong', async () => {
  const file = write('wrong.yaml', 'services:\n  - id: shop\n    metrik: []\n');
  const [code, output] = await tallygate('apply', file);
  expect([code, output]).toEqual([1, expect.stringMatching(/wrong\.yaml:3:5: "metrik" is not known here/)]);
});

it('makes, rotates and revokes keys, each printed once', async () => {
  await tallygate('apply', write('app.yaml', 'services:\n  - { id: shop, applications: [{ id: app }] }\n'));
  const application = ['--service', 'shop', '--application', 'app'];
  const [, first] = await tallygate('key', 'create', ...application, '--expires', '1d');
  expect(first).toMatch(/^[0-9a-f]{32}\n$/);
  const [, second] = await tallygate('key', 'rotate', ...application, '--overlap', '1h');
  const authorize = async (key: string): Promise<number> => {
    const query = new URLSearchParams({ provider_key: 'pk', app_id: 'app', app_key: key.trim().split('\n')[0] ?? '' });
    return (await fetch(`${url}/transactions/authorize.xml?${query.toString()}`)).status;
  };
  const [fresh = ''] = second.split('\n').filter((line) => /^[0-9a-f]{32}$/.test(line));
  expect([await authorize(first), await authorize(fresh)]).toEqual([200, 200]);
  expect((await tallygate('key', 'revoke', ...application, first.trim()))[0]).toBe(0);
  expect([await authorize(first), await authorize(fresh)]).toEqual([409, 200]);
  expect(await tallygate('key', 'create', ...application, '--expires', 'soon')).toEqual([
    1,
    expect.stringContaining('--expires soon'),
  ]);
});
