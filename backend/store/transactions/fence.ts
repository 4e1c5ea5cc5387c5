import { asJson } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type { Cells } from './cells.ts';

const owners: Codec<Owner> = asJson;

/** What a transaction knows of the store it runs on (protocol R8). */
export interface Fence {
  /** Of the server or the store that answers; another one may have forgotten what was acknowledged. */
  readonly run: string;
  /** How long grants stay frozen after a change, ms: 3 × lease time, or 0 where a grant is durable before it is answered. */
  readonly freeze: number;
}

const OWNER = 'o';

interface Owner {
  readonly run: string;
  readonly frozenUntil: number;
}

/** Notes who owns the shard now. True while grants are frozen because it changed. */
export function isFrozen(cells: Cells, fence: Fence, at: number): boolean {
  const text = cells.get(OWNER);
  if (text === undefined) {
    write(cells, { run: fence.run, frozenUntil: 0 });
    return false;
  }
  const owner = owners.read(text);
  if (owner.run === fence.run) return at < owner.frozenUntil;
  write(cells, { run: fence.run, frozenUntil: at + fence.freeze });
  return fence.freeze > 0;
}

function write(cells: Cells, owner: Owner): void {
  cells.set(OWNER, JSON.stringify(owner));
}
