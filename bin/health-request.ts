export interface HealthAnswer {
  readonly ok: boolean;
  /** One line: the status, and each check that failed. */
  readonly summary: string;
}

/** Asks a health endpoint. Never throws: a part that cannot be reached is not healthy. */
export async function askHealth(url: URL, timeoutMs: number): Promise<HealthAnswer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const body: unknown = await response.json().catch(() => null);
    return { ok: response.ok, summary: summarise(response.status, body) };
  } catch (error) {
    return { ok: false, summary: `no answer (${reason(error)})` };
  }
}

function summarise(status: number, body: unknown): string {
  if (!isRecord(body)) return `HTTP ${status}`;
  const state = typeof body['status'] === 'string' ? body['status'] : `HTTP ${status}`;
  const checks = isRecord(body['checks']) ? Object.entries(body['checks']) : [];
  if (checks.length === 0) return state;
  return `${state} (${checks.map(([name, value]) => `${name} ${describe(value)}`).join(', ')})`;
}

/** `ok`, or what is wrong: a check says its problem beside its status, and the store how exact limits are. */
function describe(check: unknown): string {
  if (!isRecord(check)) return String(check);
  const { status, problem, limits, grantsHeld } = check;
  const state = typeof problem === 'string' && problem !== '' ? `${String(status)}: ${problem}` : String(status);
  const exactness = typeof limits === 'string' ? `, limits: ${limits}` : '';
  return state + exactness + (typeof grantsHeld === 'string' ? `, ${grantsHeld}` : '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The cause says more than `fetch failed`. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.name === 'TimeoutError' ? 'time-out' : error.message;
}
