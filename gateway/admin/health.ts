/** One thing that the gateway's readiness depends on, or that is only shown. */
export interface Check {
  readonly name: string;
  /** Is the gateway ready only if this is `ok`? */
  readonly required: boolean;
  read(): { readonly ok: boolean; readonly detail?: string };
}

export interface HealthAnswer {
  readonly httpStatus: 200 | 503;
  readonly body: { readonly status: string; readonly checks: Readonly<Record<string, CheckAnswer>> };
}

interface CheckAnswer {
  readonly status: 'ok' | 'failing';
  readonly detail?: string;
}

/** The process answers, so it lives. */
export const LIVE: HealthAnswer = { httpStatus: 200, body: { status: 'live', checks: {} } };

/** Reads every check. One that throws fails. */
export function readiness(checks: readonly Check[]): HealthAnswer {
  const answers = checks.map((check) => ({ check, answer: answerOf(check) }));
  const ready = answers.every(({ check, answer }) => answer.status === 'ok' || !check.required);
  return {
    httpStatus: ready ? 200 : 503,
    body: {
      status: ready ? 'ready' : 'not ready',
      checks: Object.fromEntries(answers.map(({ check, answer }) => [check.name, answer])),
    },
  };
}

function answerOf(check: Check): CheckAnswer {
  try {
    const { ok, detail } = check.read();
    return { status: ok ? 'ok' : 'failing', ...(detail === undefined ? {} : { detail }) };
  } catch (error) {
    return { status: 'failing', detail: error instanceof Error ? error.message : String(error) };
  }
}
