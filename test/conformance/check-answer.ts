import type { Expectation } from './case.ts';
import type { Answer } from './client.ts';
import { includes, isRecord, same } from './compare.ts';
import type { Faults } from './compare.ts';
import { readDocument } from './read-answer.ts';

/** Compares an answer with what was recorded. */
export function checkAnswer(expected: Expectation, answer: Answer, faults: Faults): void {
  same('status', expected.status, answer.status, faults);
  checkHeaders(expected, answer, faults);
  if (expected.body === 'empty') same('body', '', answer.body, faults);
  if (expected.body === 'xml') checkXml(expected.xml ?? {}, answer.body, faults);
  if (expected.body === 'json') checkJson(expected.json ?? {}, answer.body, faults);
}

function checkHeaders(expected: Expectation, answer: Answer, faults: Faults): void {
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const got = answer.headers[name];
    if (name !== 'content-type') same(`header ${name}`, value, got, faults);
    else if (answer.body !== '') same(name, value, String(got).split(';')[0], faults);
  }
  for (const name of expected.headers_absent ?? []) same(`header ${name}`, undefined, answer.headers[name], faults);
}

function checkXml(expected: Readonly<Record<string, unknown>>, body: string, faults: Faults): void {
  let document: Readonly<Record<string, unknown>>;
  try {
    document = readDocument(body);
  } catch (error) {
    faults.push(`${String(error)}: ${body.slice(0, 200)}`);
    return;
  }
  for (const [name, value] of Object.entries(expected)) {
    // The wording of these comes from the recorded server's HTTP framework.
    if (name === 'error_message' && expected['error_code'] === 'bad_request') continue;
    checkPart(name, value, document[name], faults);
  }
}

/** The order of usage reports, metrics and keys is not part of the contract. */
function checkPart(name: string, expected: unknown, got: unknown, faults: Faults): void {
  if (name === 'application' && expected !== null) return includes(name, expected, got, faults);
  if (name === 'app_keys' && isRecord(expected) && 'keys_count' in expected) {
    const { keys, ...rest } = isRecord(got) ? got : {};
    return same(name, expected, { ...rest, keys_count: Array.isArray(keys) ? keys.length : null }, faults);
  }
  if (name === 'usage_reports' || name === 'hierarchy') return same(name, sorted(expected), sorted(got ?? []), faults);
  same(name, expected, got, faults);
}

function sorted(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  const key = (item: unknown) => (isRecord(item) ? `${String(item['metric'])} ${String(item['period'])}` : '');
  return list.toSorted((a, b) => key(a).localeCompare(key(b)));
}

function checkJson(expected: Readonly<Record<string, unknown>>, body: string, faults: Faults): void {
  let got: unknown;
  try {
    got = JSON.parse(body);
  } catch {
    faults.push(`not JSON: ${body.slice(0, 200)}`);
    return;
  }
  const { events_count: count, ...members } = expected;
  includes('json', members, got, faults);
  const events: unknown = isRecord(got) ? got['events'] : null;
  if (count !== undefined) same('events', count, Array.isArray(events) ? events.length : 0, faults);
}
