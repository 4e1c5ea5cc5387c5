import { call } from './admin.ts';

const MINUTE = 60_000;

/** Hits of an application by minute (ms), from the analytics API; null when it does not answer. */
export async function countedByMinute(
  port: number,
  application: string,
  since: number,
  until: number,
): Promise<Map<number, number> | null> {
  const first = since - (since % MINUTE);
  const range = `since=${encodeURIComponent(new Date(first).toISOString())}&until=${encodeURIComponent(new Date(until).toISOString())}`;
  const url = `http://127.0.0.1:${port}/stats/services/chaos/applications/${application}/usage.json?metric_name=hits&granularity=minute&${range}`;
  const { status, text } = await call('GET', url);
  if (status !== 200) return null;
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== 'object' || answer === null || !('values' in answer) || !Array.isArray(answer.values)) {
    throw new Error(`analytics answered without values: ${text.slice(0, 200)}`);
  }
  const values: unknown[] = answer.values;
  return new Map(values.map((value, index) => [first + index * MINUTE, Number(value)]));
}
