import { Call, type Credentials } from '../../../gateway/authorization/authorizer.ts';
import type { BackendDown, Service } from '../../../gateway/config/service.ts';
import type { Usage } from '../../../gateway/rules/usage.ts';

/** A service without upstream, for tests that only authorize. */
export function testService(
  changes: { readonly id?: string; readonly backendDown?: BackendDown; readonly staleSeconds?: number } = {},
): Service {
  const answer = { status: 500, head: '', body: '' };
  const nothing = { add: '', drop: new Set<string>(), host: null, dropQuery: null };
  return {
    id: changes.id ?? '42',
    tokenKind: 'service_token',
    token: 'tok42',
    credentials: {
      places: ['query'],
      kinds: 'both',
      userKey: 'user_key',
      appId: 'app_id',
      appKey: 'app_key',
      headers: { userKey: ['user_key'], appId: ['app_id'], appKey: ['app_key'] },
    },
    rules: { needsForm: false, match: () => null },
    upstream: { name: 'none', close: () => Promise.resolve() },
    edits: nothing,
    basicEdits: nothing,
    responses: { missingCredentials: answer, invalidCredentials: answer, noMatch: answer, refusal: () => answer },
    backendDown: changes.backendDown ?? 'strict',
    staleSeconds: changes.staleSeconds ?? 300,
    encodedSlash: 'refuse',
    mergeSlashes: true,
    upgrades: new Set(),
    maxBodyBytes: null,
  };
}

let nextUsage = 0;

/** `amounts` in the order of first match; each call gives another usage. */
export function testUsage(amounts: Readonly<Record<string, number>>, onSuccess = false): Usage {
  return {
    index: nextUsage++,
    entries: Object.entries(amounts).map(([metric, amount]) => ({ metric, amount })),
    onSuccess,
  };
}

export function userKey(key: string): Credentials {
  return { kind: 'user_key', userKey: key };
}

export function callOf(service: Service, key: string, usage: Usage): Call {
  return new Call(service, { ...userKey(key), place: 'query' }, usage, null);
}
