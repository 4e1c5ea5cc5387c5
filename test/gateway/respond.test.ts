import { describe, expect, it } from 'vitest';
import { createResponses, createServiceResponses } from '../../gateway/respond.ts';
import { engineErrors } from '../../shared/errors.ts';

const NONE = { credentialsMissing: null, credentialsRefused: null, noMatch: null, limitsExceeded: null };
const defaults = createServiceResponses(NONE);

function refused(
  reason: 'credentials' | 'disabled' | 'limits' | 'outage',
  retryAfter: number | null = null,
  headers = '',
) {
  return defaults.refusal({ allowed: false, reason, retryAfter, headers });
}

const TEXT = 'Content-Type: text/plain; charset=utf-8\r\n';

describe('the answers of the 3scale gateway', () => {
  it.each([
    [defaults.missingCredentials, 401, 'Unauthorized', 'Authentication parameters missing'],
    [defaults.invalidCredentials, 403, 'Forbidden', 'Authentication failed'],
    [refused('credentials'), 403, 'Forbidden', 'Authentication failed'],
    [refused('disabled'), 403, 'Forbidden', 'Authentication failed'],
    [defaults.noMatch, 404, 'Not Found', 'No Mapping Rule matched'],
    [refused('limits'), 429, 'Too Many Requests', 'Limits exceeded'],
  ])('%o', (response, status, reason, body) => {
    expect(response).toEqual({ status, head: `HTTP/1.1 ${status} ${reason}\r\n${TEXT}`, body });
  });

  it('limits exceeded says when to come back', () => {
    expect(refused('limits', 31, 'RateLimit: "hits";r=0;t=31\r\n').head).toBe(
      `HTTP/1.1 429 Too Many Requests\r\n${TEXT}Retry-After: 31\r\nRateLimit: "hits";r=0;t=31\r\n`,
    );
  });

  it('an unknown host has no body', () => {
    expect(createResponses().unknownHost).toEqual({
      status: 404,
      head: 'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n',
      body: '',
    });
  });
});

describe('an outage', () => {
  it('is 503 with Retry-After, never a refusal', () => {
    expect(refused('outage').status).toBe(503);
    expect(refused('outage').head).toContain('Retry-After: 1\r\n');
    expect(refused('outage', 7).head).toContain('Retry-After: 7\r\n');
  });

  it('of the journal as well', () => {
    const { status, head } = createResponses().unrecorded;
    expect(status).toBe(503);
    expect(head).toContain('Retry-After: 1\r\n');
  });
});

describe('a service’s own answers', () => {
  it('stand in place of the defaults', () => {
    const responses = createServiceResponses({
      ...NONE,
      credentialsMissing: { status: 403, body: '{}', contentType: 'application/json' },
    });
    expect(responses.missingCredentials).toEqual({
      status: 403,
      head: 'HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n',
      body: '{}',
    });
    expect(responses.noMatch).toEqual(defaults.noMatch);
  });
});

describe('errors of the engine', () => {
  const responses = createResponses();
  for (const error of Object.values(engineErrors)) {
    it(`${error.code} is ${error.status}`, () => {
      const { status, head, body } = responses.engine(error.code as keyof typeof engineErrors);
      expect([status, body]).toEqual([error.status, error.publicMessage]);
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${error.status} [A-Z][A-Za-z -]+\\r\\n`));
    });
  }
});
