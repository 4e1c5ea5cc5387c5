import type { ApplicationSetup, Removal, Setup } from './case.ts';
import type { Client } from './client.ts';

const part = encodeURIComponent;

/** Makes the configuration of a case through the internal API. */
export async function applySetup(client: Client, setup: Setup): Promise<void> {
  for (const service of setup.services ?? []) {
    const { default_service: isDefault, ...attributes } = service;
    const body = { service: { ...attributes, ...(isDefault ? { default_service: true } : {}) } };
    await client.change('PUT', `/services/${part(service.id)}`, body);
  }
  for (const { service_id: service, id, name, parent_id: parent } of setup.metrics ?? []) {
    const metric = { name, ...(parent === undefined ? {} : { parent_id: parent }) };
    await client.change('PUT', `/services/${part(service)}/metrics/${part(id)}`, { metric });
  }
  for (const { service_id: service, id, limits } of setup.plans ?? []) {
    for (const { metric_id: metric, period, value } of limits) {
      const path = `/services/${part(service)}/plans/${part(id)}/usagelimits/${part(metric)}/${period}`;
      await client.change('PUT', path, { usagelimit: { [period]: value } });
    }
  }
  for (const application of setup.applications ?? []) await applyApplication(client, application);
  await applyRest(client, setup);
}

async function applyApplication(client: Client, application: ApplicationSetup): Promise<void> {
  const path = `/services/${part(application.service_id)}/applications/${part(application.id)}`;
  const { state, plan_id, plan_name, redirect_url } = application;
  if (state !== undefined) {
    await client.change('PUT', path, { application: { state, plan_id, plan_name, redirect_url } });
  }
  for (const value of application.keys ?? [])
    await client.change('POST', `${path}/keys/`, { application_key: { value } });
  for (const key of application.removed_keys ?? []) await client.change('DELETE', `${path}/keys/${part(key)}`);
  for (const filter of application.referrer_filters ?? []) {
    await client.change('POST', `${path}/referrer_filters`, { referrer_filter: filter });
  }
  for (const filter of application.removed_referrer_filters ?? []) {
    await client.change('DELETE', `${path}/referrer_filters/${Buffer.from(filter).toString('base64url')}`);
  }
  for (const key of application.user_keys ?? []) await client.change('PUT', `${path}/key/${part(key)}`);
}

async function applyRest(client: Client, setup: Setup): Promise<void> {
  for (const { service_id: service, app_id: application, user_key: key } of setup.dangling_user_keys ?? []) {
    await client.change('PUT', `/services/${part(service)}/applications/${part(application)}/key/${part(key)}`);
  }
  for (const { token, service_id } of setup.service_tokens ?? []) {
    await client.change('POST', '/service_tokens/', { service_tokens: { [token]: { service_id } } });
  }
  for (const { service_id: service, value } of setup.alert_limits ?? []) {
    await client.change('POST', `/services/${part(service)}/alert_limits/`, { alert_limit: { value } });
  }
}

/** Deletes parts of the configuration through the internal API. */
export async function applyRemoval(client: Client, removal: Removal): Promise<void> {
  for (const { service_id: service, value } of removal.alert_limits ?? []) {
    await client.change('DELETE', `/services/${part(service)}/alert_limits/${value}`);
  }
  for (const { service_id: service, plan_id: plan, metric_id: metric, period } of removal.limits ?? []) {
    const path = `/services/${part(service)}/plans/${part(plan)}/usagelimits/${part(metric)}/${period}`;
    await client.change('DELETE', path);
  }
  for (const { service_id: service, id } of removal.metrics ?? []) {
    await client.change('DELETE', `/services/${part(service)}/metrics/${part(id)}`);
  }
  for (const { service_id: service, user_key: key } of removal.user_keys ?? []) {
    await client.change('DELETE', `/services/${part(service)}/applications/key/${part(key)}`);
  }
  for (const { service_id: service, id } of removal.applications ?? []) {
    await client.change('DELETE', `/services/${part(service)}/applications/${part(id)}`);
  }
  const tokens = removal.service_tokens?.map(({ token, service_id }) => ({ service_token: token, service_id })) ?? [];
  if (tokens.length > 0) await client.change('DELETE', '/service_tokens/', { service_tokens: tokens });
  for (const id of removal.services ?? []) await client.change('DELETE', `/services/${part(id)}`);
}
