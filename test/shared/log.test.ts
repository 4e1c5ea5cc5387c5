import { expect, test } from 'vitest';
import { createLogger } from '../../shared/log.ts';
import { redactText, redactUrl } from '../../shared/redact.ts';

const CANARY = 'c4n4ry-S3CRET';

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(createLogger('test', 'trace', { write: (line: string) => void (text += line) }));
  return text;
}

test.each([
  `/transactions/authrep.xml?service_id=1&user_key=${CANARY}&usage[hits]=1`,
  `/transactions/authrep.xml?app_id=1&app_key=${CANARY}`,
  `/transactions/authrep.xml?provider_key=${CANARY}`,
  `/transactions/authrep.xml?user%5Fkey=${CANARY}`,
  `/transactions/authrep.xml?%75ser_key=${CANARY}`,
  `/transactions.xml?service_token=${CANARY}&transactions[0][user_key]=${CANARY}`,
  `/transactions.xml?transactions%5B0%5D%5Buser_key%5D=${CANARY}`,
  `/stats/services/1/usage.json?access_token=${CANARY}`,
  `/internal/services/1/applications/key/${CANARY}`,
  `/internal/services/1/applications/7/keys/${CANARY}`,
  `/internal/services/1/applications/7/key/${CANARY}`,
  `/internal/service_tokens/${CANARY}/1/provider_key`,
  `/internal/services/change_provider_key/${CANARY}`,
  `/internal/service_tokens/?service_tokens[${CANARY}][service_id]=1`,
  `/x?user-key=${CANARY}&User_Key=${CANARY}`,
  `/x?%ff_broken=${CANARY}`,
  `http://admin:${CANARY}@host/path`,
])('no secret of %s is shown', (url) => {
  expect(redactUrl(url)).not.toContain(CANARY);
});

test('what is not secret stays readable', () => {
  expect(redactUrl('/transactions/authrep.xml?service_id=1&user_key=x&usage%5Bhits%5D=1')).toBe(
    '/transactions/authrep.xml?service_id=1&user_key=[redacted]&usage%5Bhits%5D=1',
  );
});

test('secrets are taken out of every part of a log line', () => {
  const error = new Error(`GET http://backend/?provider_key=${CANARY} failed`, {
    cause: new Error(`connect redis://:${CANARY}@127.0.0.1:6379`),
  });
  Object.assign(error, { command: { name: 'set', args: ['key', CANARY] } });
  const text = logged((log) => {
    log.error({ err: error }, `user_key=${CANARY}`);
    log.warn({ headers: { authorization: `Bearer ${CANARY}`, cookie: CANARY, 'user-key': CANARY } }, 'headers');
    log.info({ app_key: CANARY, nested: { deep: { service_token: CANARY } } }, 'fields');
    log.info(`Authorization: Basic ${CANARY}`);
  });
  expect(text).not.toContain(CANARY);
  expect(text.trim().split('\n')).toHaveLength(4);
});

test('a line stays JSON after redaction, whatever the secret holds', () => {
  const text = logged((log) => log.info({ user_key: 'a"b\\c\n<&>', other: 'kept' }, 'user_key=a"b&x=1'));
  expect(JSON.parse(text)).toMatchObject({ user_key: '[redacted]', other: 'kept' });
});

test('an error is logged with its type, message, code and causes', () => {
  const text = logged((log) =>
    log.error({ err: Object.assign(new TypeError('bad', { cause: new Error('deeper') }), { code: 'E_BAD' }) }, 'x'),
  );
  expect(JSON.parse(text)).toMatchObject({
    err: { type: 'TypeError', message: 'bad', code: 'E_BAD', cause: { message: 'deeper' } },
  });
});

test('text without secrets is left as it is', () => {
  const text = 'hits per day: 9/10, key of the map, token bucket';
  expect(redactText(text)).toBe(text);
});
