import type { Question, ThreescaleClient } from '../backend-client/threescale.ts';
import type { Verdict } from '../backend-client/verdict.ts';

/** An authrep that is made after its response. */
export interface AuthrepCall {
  readonly question: Question;
  /** What the client was answered; null: nothing. */
  readonly code: number | null;
}

/** Makes the calls of a group side by side; the order of the answers is that of the calls. Never throws. */
export function sendAuthreps(
  group: readonly AuthrepCall[],
  client: Pick<ThreescaleClient, 'authrep'>,
): Promise<readonly Verdict[]> {
  return Promise.all(group.map(({ question, code }) => client.authrep(question, code)));
}
