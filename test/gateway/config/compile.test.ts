import { describe, expect, it } from 'vitest';
import { compileService } from '../../../gateway/config/compile.ts';
import type { Service } from '../../../gateway/config/service.ts';
import type { ServiceConfiguration } from '../../../gateway/config/service-schema.ts';
import { serviceSettings } from '../../../gateway/config/service-settings.ts';
import { createServiceTable } from '../../../gateway/config/table.ts';
import { UpstreamLedger } from './fake-upstreams.ts';

const defaults = { url: 'http://b', timeoutMs: 500, down: 'resilient', staleSeconds: 60 } as const;

function compiled(parts: Partial<ServiceConfiguration> = {}): Service {
  const settings = serviceSettings({ id: 'a', token: 't', upstream: 'http://u', ...parts }, defaults);
  const upstream = new UpstreamLedger().create({
    url: settings.upstream.url,
    connections: null,
    connectTimeoutMs: 1,
    timeoutMs: 1,
    pipelining: 1,
  });
  return compileService(settings, upstream);
}

describe('a service with nothing but the least', () => {
  const service = compiled();

  it('makes every request one hit', () => {
    expect(service.rules.match('PURGE', '/any/thing', '', null)?.entries).toEqual([
      { metric: 'hits', amount: 1, onSuccess: false },
    ]);
  });

  it('does in an outage what the process does', () => {
    expect([service.backendDown, service.staleSeconds]).toEqual(['resilient', 60]);
  });

  it('accepts no upgrade and no encoded slash, and bodies of any size', () => {
    expect(service).toMatchObject({ encodedSlash: 'refuse', mergeSlashes: true, maxBodyBytes: null });
    expect(service.upgrades.size).toBe(0);
  });

  it('hides credentials in header fields from its upstream, not those in the query', () => {
    expect([...service.edits.drop].toSorted()).toEqual(['app-id', 'app-key', 'user-key']);
    expect(service.edits.dropQuery).toBeNull();
  });

  it('hides Authorization only where it was the credential', () => {
    expect(service.edits.drop.has('authorization')).toBe(false);
    expect(service.basicEdits.drop.has('authorization')).toBe(true);
  });
});

describe('edits', () => {
  it('a field that is set cannot be sent by the client, in any spelling', () => {
    const { edits } = compiled({ requestHeaders: { set: { 'X-Sidecar_Secret': 's3cret' }, remove: ['X-Debug'] } });
    expect(edits.add).toBe('X-Sidecar_Secret: s3cret\r\n');
    expect(edits.drop.has('x-sidecar-secret')).toBe(true);
    expect(edits.drop.has('x-debug')).toBe(true);
  });

  it('none hides nothing', () => {
    const { edits, basicEdits } = compiled({ hideCredentials: 'none' });
    expect(edits.drop.size).toBe(0);
    expect(basicEdits).toBe(edits);
  });

  it('all hides the query parameters as well', () => {
    const { edits } = compiled({ hideCredentials: 'all', credentials: { userKey: 'k' } });
    expect([...(edits.dropQuery ?? [])]).toEqual(['k', 'app_id', 'app_key']);
  });

  it('the host is the client’s own unless one is given', () => {
    expect(compiled().edits.host).toBeNull();
    expect(compiled({ upstream: { url: 'http://u', host: 'u.test' } }).edits.host).toBe('u.test');
  });
});

describe('the table of services', () => {
  const a = compiled();
  const b = compiled({ id: 'b' });

  it('finds a service by its exact host', () => {
    const table = createServiceTable([
      { hosts: ['a.test'], service: a },
      { hosts: ['b.test', 'c.test'], service: b },
    ]);
    expect(table.find('c.test')).toBe(b);
    expect(table.find('x.a.test')).toBeNull();
    expect(table.find('')).toBeNull();
    expect(table.find('__proto__')).toBeNull();
  });

  it('a service without hosts has every other host', () => {
    const table = createServiceTable([
      { hosts: null, service: a },
      { hosts: ['b.test'], service: b },
    ]);
    expect(table.find('b.test')).toBe(b);
    expect(table.find('')).toBe(a);
    expect(createServiceTable([{ hosts: null, service: a }]).find('any')).toBe(a);
  });
});
