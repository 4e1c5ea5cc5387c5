import { describe, expect, it } from 'vitest';
import { credentialSettings } from '../../gateway/config/credential-settings.ts';
import { findCredentials } from '../../gateway/credentials.ts';
import type { CredentialSource } from '../../gateway/credentials/found.ts';

type Fields = readonly (readonly [name: string, value: string])[];

function request(query: string, fields: Fields = []): CredentialSource {
  const values = (name: string) => fields.filter(([field]) => field === name).map(([, value]) => value);
  return { query, header: (name) => values(name)[0] ?? null, headerCount: (name) => values(name).length };
}

function basic(pair: string, scheme = 'Basic'): Fields {
  return [['authorization', `${scheme} ${Buffer.from(pair).toString('base64')}`]];
}

const settings = credentialSettings({});
const userKeys = credentialSettings({ kinds: ['user_key'] });
const appIds = credentialSettings({ kinds: ['app_id'] });

describe('in the query', () => {
  it.each([
    ['user_key=k-1', { kind: 'user_key', userKey: 'k-1', place: 'query' }],
    ['a=b&user_key=k-1&c', { kind: 'user_key', userKey: 'k-1', place: 'query' }],
    ['app_id=i&app_key=k', { kind: 'app_id', appId: 'i', appKey: 'k', place: 'query' }],
    ['user_key=a%26b%3Dc', { kind: 'user_key', userKey: 'a&b=c', place: 'query' }],
    ['user_key=%C3%A9+x', { kind: 'user_key', userKey: 'é x', place: 'query' }],
    ['%75ser_key=k', { kind: 'user_key', userKey: 'k', place: 'query' }],
    ['user_key=%2525', { kind: 'user_key', userKey: '%25', place: 'query' }],
    ['user_key=__proto__', { kind: 'user_key', userKey: '__proto__', place: 'query' }],
    ['user_key=valueOf', { kind: 'user_key', userKey: 'valueOf', place: 'query' }],
  ])('%s is found, decoded once', (query, found) => {
    expect(findCredentials(request(query), settings, null)).toEqual(found);
  });

  it.each([
    '',
    'user_key',
    'user_key=',
    'USER_KEY=k',
    'user_keys=k',
    'app_id=i',
    'app_id=i&app_key=',
    'app_key=k',
    'x=user_key=k',
    '__proto__=k',
  ])('%j shows nothing that can be used', (query) =>
    expect(findCredentials(request(query), settings, null)).toBe('missing'),
  );

  it.each([
    ['twice', 'user_key=a&user_key=b'],
    ['twice, the same', 'user_key=a&user_key=a'],
    ['twice, once with escapes', 'user_key=a&user%5Fkey=b'],
    ['twice, once empty', 'user_key=&user_key=b'],
    ['both ways', 'user_key=a&app_id=i&app_key=k'],
    ['a space behind', 'user_key=a%20'],
    ['a space before', 'user_key=+a'],
    ['a line feed', 'user_key=x%0d%0aSET%20pwned%201'],
    ['NUL', 'user_key=a%00b'],
    ['a bad escape', 'user_key=%'],
    ['no UTF-8', 'user_key=%ff'],
    ['too long', `user_key=${'k'.repeat(1025)}`],
  ])('%s is refused', (_, query) => expect(findCredentials(request(query), settings, null)).toBe('invalid'));

  it('a service looks only at what it uses', () => {
    expect(findCredentials(request('user_key=a&app_id=i'), userKeys, null)).toMatchObject({ userKey: 'a' });
    expect(findCredentials(request('user_key=a&app_id=i&app_key=k'), appIds, null)).toMatchObject({ appId: 'i' });
    expect(findCredentials(request('user_key=a'), appIds, null)).toBe('missing');
  });

  it('has the names that the service gives', () => {
    const named = credentialSettings({ userKey: 'api-key' });
    expect(findCredentials(request('api-key=k'), named, null)).toMatchObject({ userKey: 'k' });
    expect(findCredentials(request('user_key=k'), named, null)).toBe('missing');
  });
});

describe('in header fields', () => {
  it.each([
    ['user-key', 'k'],
    ['user_key', 'k'],
  ])('%s is found', (name, value) => {
    expect(findCredentials(request('', [[name, value]]), settings, null)).toEqual({
      kind: 'user_key',
      userKey: 'k',
      place: 'header',
    });
  });

  it('app_id and app_key may have different spellings', () => {
    const source = request('', [
      ['app-id', 'i'],
      ['app_key', 'k'],
    ]);
    expect(findCredentials(source, settings, null)).toMatchObject({ appId: 'i', appKey: 'k' });
  });

  it('escapes are part of the value', () => {
    expect(findCredentials(request('', [['user-key', 'a%26b']]), settings, null)).toMatchObject({ userKey: 'a%26b' });
  });

  it('octets beyond ASCII are UTF-8', () => {
    const field = Buffer.from('clé').toString('latin1');
    expect(findCredentials(request('', [['user-key', field]]), settings, null)).toMatchObject({ userKey: 'clé' });
    expect(findCredentials(request('', [['user-key', '\u00ff']]), settings, null)).toBe('invalid');
  });

  it.each<[string, Fields]>([
    [
      'one field twice',
      [
        ['user-key', 'a'],
        ['user-key', 'a'],
      ],
    ],
    [
      'both spellings',
      [
        ['user-key', 'a'],
        ['user_key', 'a'],
      ],
    ],
  ])('%s is refused', (_, fields) => expect(findCredentials(request('', fields), settings, null)).toBe('invalid'));
});

describe('in Authorization: Basic', () => {
  it.each([
    [settings, 'key:', { kind: 'user_key', userKey: 'key' }],
    [settings, ':key', { kind: 'user_key', userKey: 'key' }],
    [settings, 'id:key', { kind: 'app_id', appId: 'id', appKey: 'key' }],
    [settings, 'id:a:b', { kind: 'app_id', appId: 'id', appKey: 'a:b' }],
    [userKeys, 'key:x', { kind: 'user_key', userKey: 'key' }],
    [userKeys, ':key', { kind: 'user_key', userKey: 'key' }],
    [appIds, 'id:key', { kind: 'app_id', appId: 'id', appKey: 'key' }],
  ])('what a pair means depends on what the service uses', (service, pair, found) => {
    expect(findCredentials(request('', basic(pair)), service, null)).toEqual({ ...found, place: 'basic' });
  });

  it('the name of the scheme has no case', () => {
    for (const scheme of ['basic', 'BASIC']) {
      expect(findCredentials(request('', basic('key:', scheme)), settings, null)).toMatchObject({ userKey: 'key' });
    }
  });

  it.each(['Bearer abc', 'Digest x', 'Basically'])('%s is of the app, not ours', (field) => {
    expect(findCredentials(request('', [['authorization', field]]), settings, null)).toBe('missing');
  });

  it.each([
    'Basic',
    'Basic ',
    'Basic !!',
    'Basic a2V5',
    `Basic ${Buffer.from([0xff, 0x3a]).toString('base64')}`,
    'Basic a2V5Og===',
    'Basic a2V5Oh==',
  ])('%s is refused', (field) =>
    expect(findCredentials(request('', [['authorization', field]]), settings, null)).toBe('invalid'),
  );

  it('twice is refused', () => {
    expect(findCredentials(request('', [...basic('a:'), ...basic('b:')]), settings, null)).toBe('invalid');
  });

  it('an app_id without its key is missing it', () => {
    expect(findCredentials(request('', basic('id:')), appIds, null)).toBe('missing');
  });
});

describe('places', () => {
  it('the first place that shows anything is the one that counts', () => {
    const source = request('user_key=q', [['user-key', 'h'], ...basic('b:')]);
    expect(findCredentials(source, settings, null)).toMatchObject({ userKey: 'q', place: 'query' });
    const headerFirst = credentialSettings({ in: ['header', 'query'] });
    expect(findCredentials(source, headerFirst, null)).toMatchObject({ userKey: 'h', place: 'header' });
  });

  it('a fault in an earlier place is not mended by a later one', () => {
    expect(findCredentials(request('user_key=a&user_key=b', basic('c:')), settings, null)).toBe('invalid');
  });

  it('a place that is not listed is not looked at', () => {
    expect(findCredentials(request('user_key=q'), credentialSettings({ in: ['header'] }), null)).toBe('missing');
  });

  it('a form is a place like a query', () => {
    const form = credentialSettings({ in: ['form'] });
    expect(findCredentials(request(''), form, 'x=1&user_key=a%2Bb')).toEqual({
      kind: 'user_key',
      userKey: 'a+b',
      place: 'form',
    });
    expect(findCredentials(request(''), form, 'user_key=a&user_key=b')).toBe('invalid');
    expect(findCredentials(request(''), form, null)).toBe('missing');
  });
});

it('refuses a key behind a second question mark, which others would read as a query on another path', () => {
  expect(findCredentials(request('/v1/?user_key=k-1'), settings, null)).toBe('invalid');
  expect(findCredentials(request('next=/a?b=c'), settings, null)).toBe('missing');
  expect(findCredentials(request('next=/a?user_key=x&user_key=k-1'), settings, null)).toMatchObject({ userKey: 'k-1' });
});
