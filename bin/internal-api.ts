import { UsageError } from './usage-error.ts';

/** Longest wait for an answer, ms: applying a large file takes its time. */
const TIMEOUT = 120_000;

export interface InternalApiSettings {
  readonly url: string;
  readonly user: string | null;
  readonly password: string | null;
}

/** Where the backend is and how to get in: BACKEND_URL, INTERNAL_API_USER, INTERNAL_API_PASSWORD. */
export function internalApiSettings(env: Readonly<Record<string, string | undefined>>): InternalApiSettings {
  return {
    url: env['BACKEND_URL'] ?? 'http://127.0.0.1:3000',
    user: env['INTERNAL_API_USER'] ?? null,
    password: env['INTERNAL_API_PASSWORD'] ?? null,
  };
}

/** Calls the backend's internal API. Throws a UsageError that says what the backend says. */
export async function callInternalApi(
  settings: InternalApiSettings,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { url, user, password } = settings;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (user !== null) headers['authorization'] = `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(new URL(`/internal${path}`, url), {
    method,
    headers,
    signal: AbortSignal.timeout(TIMEOUT),
    ...text,
  }).catch((error: unknown) => {
    throw new UsageError(`${url}: no answer (${reason(error)}); is the backend running, and is BACKEND_URL right?`);
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  if (response.status === 401) {
    throw new UsageError('the backend wants other credentials: set INTERNAL_API_USER and INTERNAL_API_PASSWORD');
  }
  throw new UsageError(`the backend answers ${response.status}: ${explain(answer)}`);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}

function explain(answer: unknown): string {
  if (!isRecord(answer)) return 'nothing more';
  const { error, problems } = answer;
  const lines = Array.isArray(problems) ? problems.map(String) : [];
  return [String(error), ...lines].join('\n  ');
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
