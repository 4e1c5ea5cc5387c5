import type { HealthAnswer } from '../admin/health.ts';

type Checks = HealthAnswer['body']['checks'];

/**
 * The readiness of a gateway with workers: every one of them has to be ready. `answers`: theirs, null for one that does
 * not answer or is not there. A check is as its worst.
 */
export function readinessOfAll(answers: readonly (HealthAnswer | null)[]): HealthAnswer {
  const ready = answers.filter((answer) => answer?.httpStatus === 200).length;
  const all = ready === answers.length;
  const checks: Record<string, Checks[string]> = {
    workers: { status: all ? 'ok' : 'failing', detail: `${ready} of ${answers.length} are ready` },
  };
  for (const [index, answer] of answers.entries()) {
    for (const [name, check] of Object.entries(answer?.body.checks ?? {})) {
      if (check.status === 'ok') checks[name] ??= check;
      else if (checks[name]?.status !== 'failing') checks[name] = { ...check, detail: detailOf(index + 1, check) };
    }
  }
  return { httpStatus: all ? 200 : 503, body: { status: all ? 'ready' : 'not ready', checks } };
}

function detailOf(worker: number, { detail }: Checks[string]): string {
  return detail === undefined ? `worker ${worker}` : `worker ${worker}: ${detail}`;
}
