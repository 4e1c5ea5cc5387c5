import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { Answer } from '../backend-client/answer.ts';
import { retryAfter } from '../backend-client/protocol.ts';
import type { ServiceToken, ThreescaleClient } from '../backend-client/threescale.ts';
import type { Disk } from '../journal/disk.ts';
import type { Fold, FoldedUsage } from '../journal/fold.ts';
import { partsName } from '../journal/layout.ts';
import { writeAside } from './aside.ts';
import { PartsFile } from './parts-file.ts';
import { reportParts, type ReportPart } from './report-form.ts';
import type { DeliveryResult, DeliveryTask } from './task.ts';

export interface ReportDeps {
  readonly client: ThreescaleClient;
  readonly clock: Clock;
  readonly disk: Disk;
}

type PartOutcome = 'done' | 'unavailable' | 'refused' | 'uncertain';

/**
 * Delivers a segment to a backend that knows no identities (protocol R12): each part is sent once; again only when
 * nothing of it was written or an HTTP error came back. What may have been counted although no answer came is set aside.
 */
export async function deliverReport(
  task: DeliveryTask,
  fold: Fold,
  { client, clock, disk }: ReportDeps,
): Promise<DeliveryResult> {
  const parts = await PartsFile.load(join(task.folder, partsName(task.sequence)), task.responseCodes);
  try {
    const plan = reportParts(fold, clock.now(), parts.responseCodes);
    const uncertain: FoldedUsage[] = [];
    let failure: Sent | null = null;
    for (const [index, part] of plan.entries()) {
      const sent = await sendPart(index, part, parts, task.services, client);
      if (sent.outcome === 'uncertain') uncertain.push(...part.usage);
      else if (sent.outcome !== 'done') failure = sent;
      if (sent.outcome === 'unavailable') break;
    }
    if (failure !== null) return failed(failure);
    const aside = [...uncertain, ...fold.uncertain];
    await writeAside(disk, task, 'uncertain', aside, clock.now());
    // The parts file goes after the segment, never before it: without it the segment would be sent again.
    return applied(plan.length === 0 ? 'empty' : 'applied', aside, fold);
  } finally {
    await parts.close();
  }
}

interface Sent {
  readonly outcome: PartOutcome;
  readonly service: string;
  readonly answer: Answer | null;
}

/** Sends a part, unless it was sent before: then it is done, or nobody knows. */
async function sendPart(
  index: number,
  part: ReportPart,
  parts: PartsFile,
  services: readonly ServiceToken[],
  client: ThreescaleClient,
): Promise<Sent> {
  const before = parts.state(index);
  if (before !== 'waiting')
    return { outcome: before === 'done' ? 'done' : 'uncertain', service: part.service, answer: null };
  const service = services.find((candidate) => candidate.id === part.service);
  if (service === undefined) return { outcome: 'refused', service: part.service, answer: null };
  await parts.set(index, 'sending');
  const answer = await client.report(service, part.body);
  const outcome = outcomeOf(answer);
  if (outcome !== 'uncertain') await parts.set(index, outcome === 'done' ? 'done' : 'waiting');
  return { outcome, service: part.service, answer };
}

function outcomeOf(answer: Answer): PartOutcome {
  if (!answer.ok) return answer.written ? 'uncertain' : 'unavailable';
  if (answer.status >= 200 && answer.status < 300) return 'done';
  return answer.status >= 400 && answer.status < 499 && answer.status !== 408 && answer.status !== 429
    ? 'refused'
    : 'unavailable';
}

function failed({ outcome, answer, service }: Sent): DeliveryResult {
  const what =
    answer === null ? 'no configured service has this id' : answer.ok ? `status ${answer.status}` : answer.failure;
  const retryAfterMs = answer?.ok === true ? retryAfter(answer.headers) : 0;
  return {
    outcome: outcome === 'refused' ? 'refused' : 'unavailable',
    detail: `service ${service}: ${what}`,
    uncertain: 0,
    damaged: 0,
    retryAfterMs,
    store: null,
    now: 0,
    setAside: 0,
  };
}

function applied(outcome: 'applied' | 'empty', aside: readonly FoldedUsage[], fold: Fold): DeliveryResult {
  const uncertain = aside.reduce((units, row) => units + row.use, 0);
  const damaged = fold.damage.skipped + fold.damage.nameless + fold.damage.foreign;
  return { outcome, detail: null, uncertain, damaged, retryAfterMs: 0, store: null, now: 0, setAside: 0 };
}
