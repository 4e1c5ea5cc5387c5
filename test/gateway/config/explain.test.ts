import { describe, expect, it } from 'vitest';
import { explainRequest } from '../../../gateway/config/explain.ts';
import type { ExplainedRequest, Explanation } from '../../../gateway/config/explain.ts';
import { serviceSettings } from '../../../gateway/config/service-settings.ts';

const defaults = { url: '', timeoutMs: 0, down: 'strict', staleSeconds: 0 } as const;
const rules = [
  { pattern: '/v1/', metric: 'hits' },
  { pattern: '/v1/last', metric: 'last', last: true },
  { pattern: '/v1', metric: 'more' },
];
const services = [
  serviceSettings({ id: 'a', token: 't', upstream: 'http://u', hosts: ['api.test'], rules }, defaults),
  serviceSettings({ id: 'b', token: 't', upstream: 'http://u', hosts: ['b.test'], encodedSlash: 'pass' }, defaults),
];

function explained(url: string, parts: Partial<ExplainedRequest> = {}): Explanation {
  return explainRequest(services, { method: 'GET', url, headers: [], form: null, ...parts });
}

describe('explainRequest', () => {
  it('shows service, path as it is sent, credentials and usage', () => {
    expect(explained('https://API.test:443/v1/a/../%62?user_key=k')).toMatchObject({
      outcome: 'routed',
      service: { id: 'a' },
      path: '/v1/b',
      credentials: { kind: 'user_key', place: 'query' },
      usage: [
        { metric: 'hits', amount: 1 },
        { metric: 'more', amount: 1 },
      ],
    });
  });

  it('shows which rules match, and which are not looked at after a last one', () => {
    const found = explained('http://api.test/v1/last');
    expect(found.outcome === 'routed' && found.rules.map(({ state }) => state)).toEqual([
      'matches',
      'matches',
      'after-last',
    ]);
  });

  it('says when no rule matches', () => {
    expect(explained('http://api.test/v2')).toMatchObject({ outcome: 'routed', credentials: 'missing', usage: null });
  });

  it('takes the host of a field when the URL has none', () => {
    expect(explained('/v1/', { headers: [['host', 'api.test:8080']] })).toMatchObject({ service: { id: 'a' } });
  });

  it('says which hosts are known', () => {
    expect(explained('http://c.test/')).toEqual({
      outcome: 'unknown-host',
      host: 'c.test',
      hosts: ['api.test', 'b.test'],
    });
  });

  it.each(['http://api.test/%2f', 'http://api.test/..', 'http://user@api.test/', 'x', ''])(
    '%j is a bad request',
    (url) => {
      expect(explained(url).outcome).toBe('bad-request');
    },
  );

  it('an encoded slash is a bad request only for a service that refuses it', () => {
    expect(explained('http://b.test/a%2fb')).toMatchObject({ outcome: 'routed', path: '/a%2Fb' });
  });
});
