import type { ApplicationSetup, Removal, Setup } from './case.ts';
import type { Client } from './client.ts';
import { includes, isRecord, same } from './compare.ts';
import type { Faults } from './compare.ts';

const part = encodeURIComponent;

/** Checks, through the internal API, that a change was kept. */
export async function checkKept(client: Client, setup: Setup, faults: Faults): Promise<void> {
  for (const service of setup.services ?? []) {
    const { body } = await client.read(`/services/${part(service.id)}`);
    const kept = member(body, 'service');
    includes('kept service', service, kept, faults);
    same('kept backend_version', service.backend_version ?? null, member(kept, 'backend_version') ?? null, faults);
  }
  for (const { service_id: service, id, name, parent_id: parent } of setup.metrics ?? []) {
    const { body } = await client.read(`/services/${part(service)}/metrics/${part(id)}`);
    const kept = member(body, 'metric');
    same('kept metric', [name, parent ?? null], [member(kept, 'name'), member(kept, 'parent_id') ?? null], faults);
  }
  for (const { service_id: service, id, limits } of setup.plans ?? []) {
    for (const { metric_id: metric, period, value } of limits) {
      const path = `/services/${part(service)}/plans/${part(id)}/usagelimits/${part(metric)}/${period}`;
      const { body } = await client.read(path);
      same('kept limit', value, member(member(body, 'usagelimit'), period), faults);
    }
  }
  for (const application of setup.applications ?? []) await checkApplication(client, application, faults);
  await checkRest(client, setup, faults);
}

async function checkApplication(client: Client, application: ApplicationSetup, faults: Faults): Promise<void> {
  const path = `/services/${part(application.service_id)}/applications/${part(application.id)}`;
  if (application.state !== undefined) {
    const kept = member((await client.read(path)).body, 'application');
    for (const name of ['state', 'plan_id', 'plan_name', 'redirect_url'] as const) {
      same(`kept application ${name}`, application[name] ?? null, member(kept, name) ?? null, faults);
    }
  }
  const keys = list(member((await client.read(`${path}/keys/`)).body, 'application_keys')).map((key) =>
    member(key, 'value'),
  );
  checkMembers('key', keys, application.keys, application.removed_keys, faults);
  const filters = list(member((await client.read(`${path}/referrer_filters`)).body, 'referrer_filters'));
  checkMembers('filter', filters, application.referrer_filters, application.removed_referrer_filters, faults);
  for (const key of application.user_keys ?? []) {
    const { body } = await client.read(`/services/${part(application.service_id)}/applications/key/${part(key)}`);
    same('kept user key', application.id, member(member(body, 'application'), 'id'), faults);
  }
}

function checkMembers(
  what: string,
  kept: readonly unknown[],
  added: readonly string[] | undefined,
  removed: readonly string[] | undefined,
  faults: Faults,
): void {
  for (const value of added ?? []) if (!kept.includes(value)) faults.push(`${what} ${value} was not kept`);
  for (const value of removed ?? []) if (kept.includes(value)) faults.push(`${what} ${value} is still there`);
}

async function checkRest(client: Client, setup: Setup, faults: Faults): Promise<void> {
  for (const { service_id: service, app_id: application, user_key: key } of setup.dangling_user_keys ?? []) {
    const { body } = await client.read(`/services/${part(service)}/applications/key/${part(key)}`);
    same('kept user key', application, member(member(body, 'application'), 'id'), faults);
  }
  for (const { token, service_id: service } of setup.service_tokens ?? []) {
    same('kept token', 200, await tokenStatus(client, token, service), faults);
  }
}

/** Checks, through the internal API, that what was deleted is gone. */
export async function checkGone(client: Client, removal: Removal, faults: Faults): Promise<void> {
  const paths = [
    ...(removal.services ?? []).map((id) => `/services/${part(id)}`),
    ...(removal.metrics ?? []).map(({ service_id, id }) => `/services/${part(service_id)}/metrics/${part(id)}`),
    ...(removal.limits ?? []).map(
      ({ service_id, plan_id, metric_id, period }) =>
        `/services/${part(service_id)}/plans/${part(plan_id)}/usagelimits/${part(metric_id)}/${period}`,
    ),
    ...(removal.applications ?? []).map(
      ({ service_id, id }) => `/services/${part(service_id)}/applications/${part(id)}`,
    ),
    ...(removal.user_keys ?? []).map(
      ({ service_id, user_key }) => `/services/${part(service_id)}/applications/key/${part(user_key)}`,
    ),
  ];
  for (const path of paths) same(`gone ${path}`, 404, (await client.read(path)).status, faults);
  for (const { token, service_id: service } of removal.service_tokens ?? []) {
    same('gone token', 404, await tokenStatus(client, token, service), faults);
  }
}

async function tokenStatus(client: Client, token: string, service: string): Promise<number> {
  return (await client.send('HEAD', `/internal/service_tokens/${part(token)}/${part(service)}/`)).status;
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
