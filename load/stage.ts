import { join } from 'node:path';
import type { PeerTools } from './machine/debian.ts';
import { freePorts } from './machine/ports.ts';
import type { Running } from './machine/process.ts';
import type { Candidate, Started } from './peers/candidate.ts';
import { startUpstream } from './peers/nginx.ts';

/** The core that each candidate has for itself, and the core of the generator, the upstream and the backend. */
export const CANDIDATE_CORE = 0;
export const OTHER_CORE = 1;

/** What every scenario is given by the command line. */
export interface ScenarioOptions {
  readonly tools: PeerTools;
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly applications: number;
  readonly rules: number;
  readonly progress: (line: string) => void;
}

export interface OnStage {
  readonly name: string;
  readonly candidate: Started;
}

/** Starts the upstream and all candidates before it, runs `play`, and stops all of them whatever happened. */
export async function withStage<Result>(
  candidates: (upstream: Running) => readonly Candidate[],
  options: Pick<ScenarioOptions, 'tools' | 'folder' | 'applications' | 'rules'>,
  play: (started: readonly OnStage[], upstream: Running) => Promise<Result>,
): Promise<Result> {
  const [upstreamPort = 0] = await freePorts(1);
  const upstream = await startUpstream(
    options.tools,
    join(options.folder, `upstream-${upstreamPort}`),
    upstreamPort,
    OTHER_CORE,
  );
  const started: OnStage[] = [];
  try {
    for (const each of candidates(upstream)) {
      const [port = 0] = await freePorts(1);
      const { tools, applications, rules } = options;
      const folder = join(options.folder, `candidate-${port}`);
      const candidate = await each.start({
        tools,
        folder,
        upstreamPort,
        port,
        core: CANDIDATE_CORE,
        otherCore: OTHER_CORE,
        applications,
        rules,
      });
      started.push({ name: each.name, candidate });
    }
    return await play(started, upstream);
  } finally {
    for (const { candidate } of started) await candidate.stop();
    await upstream.stop();
  }
}
