import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMemoryStore } from '../../backend/store/memory/store.ts';
import { packageRoot } from '../../shared/package-root.ts';
import { systemClock } from '../../shared/clock.ts';
import { createThreescaleServer } from '../backend/harness/threescale-server.ts';
import { readCases } from './case.ts';
import { Client } from './client.ts';
import { withDifferences } from './differences.ts';
import { runCase } from './run-case.ts';

it('answers every recorded case as the recorded server did', { timeout: 180_000 }, async () => {
  const { server } = await createThreescaleServer(createMemoryStore({ clock: systemClock }));
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const client = new Client([Number(port)]);
  const failed: string[] = [];
  for (const recorded of readCases(join(packageRoot, 'test/conformance/cases.json'))) {
    const faults = await runCase(client, withDifferences(recorded));
    if (faults.length > 0) failed.push(`${recorded.id}: ${faults.join('; ')}`);
  }
  client.close();
  await server.close();
  expect(failed).toEqual([]);
});
