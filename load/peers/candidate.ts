import type { PeerTools } from '../machine/debian.ts';
import type { Running } from '../machine/process.ts';
import type { Setup, Target } from './setup.ts';
import { targetsOf } from './setup.ts';

/** Where a candidate runs and what it stands before. */
export interface Stage {
  readonly tools: PeerTools | null;
  /** A folder of its own for configuration and data. */
  readonly folder: string;
  readonly upstreamPort: number;
  readonly port: number;
  /** The core that the candidate has for itself; null: not pinned. */
  readonly core: number | null;
  /** The core of all the rest. */
  readonly otherCore: number | null;
}

/** A started candidate: the process whose cost counts, and what is asked of it, in turn. */
export interface Started {
  readonly process: Running;
  readonly port: number;
  readonly targets: readonly Target[];
  /** What every request must be answered with. */
  readonly status: number;
  stop(): Promise<void>;
}

/** Something that stands between a client and an upstream. */
export interface Candidate {
  readonly name: string;
  /** Before it is measured: JavaScript is compiled as it runs, and leases grow with use. */
  readonly warmUpSeconds: number;
  start(stage: Stage): Promise<Started>;
}

/** What most candidates are once their process runs. */
export function startedAs(process: Running, port: number, setup: Setup): Started {
  return { process, port, targets: targetsOf(setup), status: 200, stop: () => process.stop() };
}

/** Warm-up of programs that are compiled before they run, and of those in JavaScript. */
export const NATIVE_WARM_UP = 1;
export const NODE_WARM_UP = 4;

/** The same candidate under another name: one scenario may have several setups of it. */
export function named(name: string, candidate: Candidate): Candidate {
  return { ...candidate, name };
}

/** The same candidate, asked for another path. */
export function askedFor(path: string, candidate: Candidate, status = 200): Candidate {
  return {
    ...candidate,
    async start(stage) {
      const started = await candidate.start(stage);
      const targets = started.targets.map(({ host, path: usual }) => ({
        host,
        path: path + usual.slice(usual.indexOf('?')),
      }));
      return { ...started, targets, status };
    },
  };
}

/** @throws Error when the peers were not unpacked for this run. */
export function toolsOf({ tools }: Pick<Stage, 'tools'>): PeerTools {
  if (tools === null) throw new Error('this needs the peers of load/machine/debian.ts');
  return tools;
}
