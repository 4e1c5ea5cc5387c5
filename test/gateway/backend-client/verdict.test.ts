import { expect, test } from 'vitest';
import type { Answer } from '../../../gateway/backend-client/answer.ts';
import { readVerdict } from '../../../gateway/backend-client/verdict.ts';

function answer(status: number, body = '', headers: Record<string, string> = {}): Answer {
  return { ok: true, status, headers: new Map(Object.entries(headers)), body: Buffer.from(body) };
}

const REPORT =
  '<usage_report metric="hits" period="day" exceeded="true"><period_start>2026-11-20 00:00:00 +0000</period_start><period_end>2026-11-21 00:00:00 +0000</period_end><max_value>3</max_value><current_value>5</current_value></usage_report>';
const ETERNITY =
  '<usage_report metric="hits" period="eternity"><max_value>9223372036854775807</max_value><current_value>5</current_value></usage_report>';

function status(authorized: boolean, reports = '', more = ''): string {
  const usage = reports === '' ? '' : `<usage_reports>${reports}</usage_reports>`;
  return `<?xml version="1.0" encoding="UTF-8"?><status><authorized>${authorized}</authorized><plan>gold</plan>${usage}${more}</status>`;
}

test('an authorized answer tells reports, hierarchy and limit headers', () => {
  const headers = { '3scale-limit-remaining': '7', '3scale-limit-reset': '-1', '3scale-limit-max-value': '10' };
  const hierarchy = '<hierarchy><metric name="hits" children="a b"/><metric name="hits" children="a b"/></hierarchy>';
  expect(readVerdict(answer(200, status(true, REPORT + ETERNITY, hierarchy), headers), true)).toMatchObject({
    kind: 'allowed',
    limits: { remaining: 7, reset: null, max: 10 },
    status: {
      reports: [
        {
          metric: 'hits',
          period: 'day',
          max: 3,
          current: 5,
          window: { start: Date.UTC(2026, 10, 20), end: Date.UTC(2026, 10, 21) },
        },
        { metric: 'hits', period: 'eternity', window: null },
      ],
      children: new Map([['hits', ['a', 'b']]]),
    },
  });
});

test('an exceeded limit is told by its reason', () => {
  const headers = { '3scale-rejection-reason': 'limits_exceeded' };
  expect(readVerdict(answer(409, status(false, REPORT), headers), true)).toMatchObject({ kind: 'exceeded' });
});

test('a refusal with a reason in the header is believed although the contract leaves the key in its body unescaped', () => {
  const body = '<status><authorized>false</authorized><reason>application key "<&">" is invalid</reason></status>';
  const headers = { '3scale-rejection-reason': 'application_key_invalid' };
  expect(readVerdict(answer(409, body, headers), true)).toEqual({
    kind: 'refused',
    about: 'caller',
    code: 'application_key_invalid',
  });
});

test.each([
  [404, 'application_not_found', { kind: 'refused', about: 'caller' }],
  [403, 'user_key_invalid', { kind: 'refused', about: 'caller' }],
  [404, 'metric_invalid', { kind: 'refused', about: 'usage' }],
  [403, 'service_token_invalid', { kind: 'unavailable' }],
  [403, 'provider_key_invalid', { kind: 'unavailable' }],
  [403, 'broken_pipeline', { kind: 'unavailable' }],
])('an error document %i %s', (code, name, verdict) => {
  expect(readVerdict(answer(code, `<error code="${name}">text</error>`), true)).toMatchObject({
    code: name,
    ...verdict,
  });
});

test.each([
  ['a report with an unknown period', answer(200, status(true, REPORT.replace('"day"', '"decade"')))],
  ['a report without its maximum', answer(200, status(true, REPORT.replace(/<max_value>3<\/max_value>/, '')))],
  ['a report with a broken number', answer(200, status(true, REPORT.replace('>5<', '>5e3<')))],
  ['a report with a broken time', answer(200, status(true, REPORT.replace('2026-11-20', '2026-13-40')))],
  ['a window that ends before it begins', answer(200, status(true, REPORT.replace('2026-11-21', '2026-11-19')))],
  ['a 409 that says yes', answer(409, status(true), { '3scale-rejection-reason': 'limits_exceeded' })],
  ['a 409 without a reason and without a document', answer(409, 'conflict')],
  ['a redirect', answer(302)],
  ['a 499', answer(499, '<error code="user_key_invalid">text</error>')],
])('%s is no answer, and was not counted', (_name, broken) => {
  expect(readVerdict(broken, true)).toMatchObject({ kind: 'unavailable', uncertain: false });
});

test('without a body the status decides', () => {
  expect(readVerdict(answer(200), false)).toMatchObject({ kind: 'allowed' });
  expect(readVerdict(answer(409), false)).toMatchObject({ kind: 'refused' });
  expect(readVerdict(answer(403), false)).toMatchObject({ kind: 'refused' });
  expect(readVerdict(answer(503), false)).toMatchObject({ kind: 'unavailable', uncertain: false });
});

test('a body that was not asked for is no authorization and no refusal unless it says so', () => {
  expect(readVerdict(answer(200, '<html>welcome</html>'), false)).toMatchObject({ kind: 'unavailable' });
  expect(readVerdict(answer(409, '<html>conflict</html>'), false)).toMatchObject({ kind: 'unavailable' });
  expect(readVerdict(answer(200, status(true)), false)).toMatchObject({ kind: 'allowed' });
});

test('what was written and not answered may have been counted', () => {
  expect(readVerdict({ ok: false, failure: 'timeout', written: true }, false)).toMatchObject({ uncertain: true });
  expect(readVerdict({ ok: false, failure: 'refused', written: false }, false)).toMatchObject({ uncertain: false });
});
