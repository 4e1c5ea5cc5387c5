import { join } from 'node:path';
import type { Cores } from './machine/cores.ts';
import type { PeerTools } from './machine/debian.ts';
import { freePorts } from './machine/ports.ts';
import type { Running } from './machine/process.ts';
import { toolsOf } from './peers/candidate.ts';
import type { Candidate, Started } from './peers/candidate.ts';
import { startUpstream } from './peers/nginx.ts';

/** What every scenario is given by the command line. */
export interface ScenarioOptions {
  /** null: a scenario that needs no peers. */
  readonly tools: PeerTools | null;
  readonly folder: string;
  readonly cores: Cores;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly progress: (line: string) => void;
}

export interface OnStage {
  readonly name: string;
  readonly warmUpSeconds: number;
  readonly candidate: Started;
}

export type StageOptions = Pick<ScenarioOptions, 'tools' | 'folder' | 'cores'> & {
  /** In place of nginx. */
  readonly startUpstream?: (port: number) => Promise<Running>;
};

/** Starts the upstream and all candidates before it, runs `play`, and stops all of them whatever happened. */
export async function withStage<Result>(
  candidates: (upstream: Running) => readonly Candidate[],
  options: StageOptions,
  play: (started: readonly OnStage[], upstream: Running) => Promise<Result>,
): Promise<Result> {
  const [upstreamPort = 0] = await freePorts(1);
  const { tools, folder, cores } = options;
  const nginx = (port: number): Promise<Running> =>
    startUpstream(toolsOf({ tools }), join(folder, `upstream-${port}`), port, cores.other);
  const upstream = await (options.startUpstream ?? nginx)(upstreamPort);
  const started: OnStage[] = [];
  try {
    for (const each of candidates(upstream)) {
      const [port = 0] = await freePorts(1);
      const candidate = await each.start({
        tools,
        folder: join(folder, `candidate-${port}`),
        upstreamPort,
        port,
        core: cores.candidate,
        otherCore: cores.other,
      });
      started.push({ name: each.name, warmUpSeconds: each.warmUpSeconds, candidate });
    }
    return await play(started, upstream);
  } finally {
    for (const { candidate } of started) await candidate.stop();
    await upstream.stop();
  }
}
