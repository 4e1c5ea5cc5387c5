import { expect, it } from 'vitest';
import { Secrets } from '../../../backend/configuration/secrets.ts';
import { StoredKeys } from '../../../backend/configuration/stored-keys.ts';

const secrets = new Secrets('a secret held elsewhere');

it('gives a digest that needs the secret', () => {
  expect(secrets.digest('key')).toBe(secrets.digest('key'));
  expect(secrets.digest('key')).not.toBe(new Secrets('another secret').digest('key'));
  expect(secrets.digest('key')).not.toBe(new Secrets(null).digest('key'));
});

it('encrypts what must be shown again, and opens it with the same secret only', () => {
  const sealed = secrets.seal('clé');
  expect(JSON.stringify(sealed)).not.toContain('cl');
  expect(secrets.open(sealed)).toBe('clé');
  expect(secrets.seal('clé')).not.toEqual(sealed);
  expect(new Secrets('another secret').open(sealed)).toBeNull();
  expect(new Secrets(null).open(sealed)).toBeNull();
});

it.each([null, {}, { sealed: '' }, { sealed: 'AAAA' }, { sealed: 'A'.repeat(200) }, 'text'])(
  'opens no %j',
  (stored) => {
    expect(secrets.open(stored)).toBeNull();
  },
);

it('keeps secrets in plain text only where there is no secret', () => {
  const open = new Secrets(null);
  expect(open.open(open.seal('key'))).toBe('key');
});

it('accepts a key until it expires', () => {
  const record = (key: string, expires: number | null) => ({
    digest: secrets.digest(key),
    key: secrets.seal(key),
    expires,
  });
  const keys = new StoredKeys([record('old', 1_000), record('new', null)], secrets);
  expect([keys.accepts('old', 999), keys.accepts('new', 999), keys.count(999)]).toEqual([true, true, 2]);
  expect([keys.accepts('old', 1_000), keys.accepts('new', 1_000), keys.count(1_000)]).toEqual([false, true, 1]);
  expect(keys.accepts('', 0)).toBe(false);
  expect(keys.list(1_000)).toEqual(['new']);
});
