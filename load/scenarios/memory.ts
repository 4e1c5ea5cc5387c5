import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { pause } from '../machine/process.ts';
import type { Started } from '../peers/candidate.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import { withStage } from '../stage.ts';
import type { ScenarioOptions } from '../stage.ts';
import { atMost } from '../verdict.ts';

const MEGABYTE = 1_000_000;
/** Idle keep-alive connections, and the resident memory that the gateway may have with them, MB. */
const STEPS: readonly (readonly [connections: number, most: number])[] = [
  [10, 80],
  [1_000, 90],
  [10_000, 150],
];

/** Resident memory of the gateway with idle keep-alive connections, each of which made one request. */
export function idleMemory(options: ScenarioOptions): Promise<Report> {
  return withStage(
    () => [tallygate()],
    options,
    async (started) => {
      const [ours] = started;
      if (ours === undefined) throw new Error('the gateway did not start');
      const sockets: Socket[] = [];
      const sizes: number[] = [];
      for (const [connections] of STEPS) {
        while (sockets.length < connections) {
          const missing = Math.min(100, connections - sockets.length);
          sockets.push(...(await Promise.all(Array.from({ length: missing }, () => idleConnection(ours.candidate)))));
        }
        await pause(3_000);
        sizes.push((await ours.candidate.process.memory()) / MEGABYTE);
        options.progress(`${connections} connections: ${sizes.at(-1)?.toFixed(0)} MB`);
      }
      for (const socket of sockets) socket.destroy();
      return report(sizes);
    },
  );
}

function report(sizes: readonly number[]): Report {
  return {
    title: 'Resident memory of the gateway with idle connections',
    columns: ['idle connections', 'RSS, MB'],
    rows: STEPS.map(([connections], step) => [String(connections), (sizes[step] ?? Number.NaN).toFixed(0)]),
    verdicts: STEPS.map(([connections, most], step) =>
      atMost(`RSS with ${connections} idle connections, MB`, sizes[step] ?? Number.NaN, most),
    ),
    notes: [],
    raw: sizes,
  };
}

/** Opens a connection, makes one request on it and leaves it open. */
function idleConnection({ port, targets }: Started): Promise<Socket> {
  const [{ host, path } = { host: '127.0.0.1', path: '/' }] = targets;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setTimeout(10_000, () => reject(new Error('no answer on an idle connection within 10 s')));
    socket.once('error', reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    socket.once('data', (bytes) => {
      socket.setTimeout(0);
      if (bytes.toString('latin1').startsWith('HTTP/1.1 200')) resolve(socket);
      else reject(new Error(`an idle connection was answered ${bytes.toString('latin1').slice(0, 40)}`));
    });
  });
}
