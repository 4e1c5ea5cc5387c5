import type { PeerTools } from '../machine/debian.ts';
import type { Running } from '../machine/process.ts';

/** Where a candidate runs and what it stands before. */
export interface Stage {
  readonly tools: PeerTools;
  /** A folder of its own for configuration and data. */
  readonly folder: string;
  readonly upstreamPort: number;
  readonly port: number;
  /** The core that the candidate has for itself. */
  readonly core: number;
  /** The core of all the rest. */
  readonly otherCore: number;
  /** Known callers besides the one that calls. */
  readonly applications: number;
  /** Mapping rules of the service, of which the last matches. */
  readonly rules: number;
}

/** A started candidate: the process whose cost counts, and how it is called. */
export interface Started {
  readonly process: Running;
  readonly url: string;
  stop(): Promise<void>;
}

/** Something that stands between a client and an upstream. */
export interface Candidate {
  readonly name: string;
  start(stage: Stage): Promise<Started>;
}

/** The caller that every candidate knows. */
export const USER_KEY = 'load-key-0000001';
export const PATH = '/v1/items';

/** User keys of callers that are known and do not call. */
export function otherKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `other-key-${String(index).padStart(7, '0')}`);
}
