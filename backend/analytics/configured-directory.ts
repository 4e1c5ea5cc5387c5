import type { Configuration } from '../configuration/configuration.ts';
import type { Documents } from '../store/store.ts';
import type { ApplicationDetail, Directory, MetricDetail, ServiceDetail, ServiceSummary } from './directory.ts';

/** Services read at once. */
const PAGE = 500;

/** The directory of the stored configuration. */
export class ConfiguredDirectory implements Directory {
  readonly #configuration: Configuration;
  readonly #documents: Documents;

  constructor(configuration: Configuration, documents: Documents) {
    this.#configuration = configuration;
    this.#documents = documents;
  }

  async service(id: string): Promise<ServiceDetail | null> {
    const service = await this.#configuration.lookup.service(id);
    if (service === null) return null;
    return {
      id,
      metric(name): MetricDetail | null {
        const metric = service.metrics.named(name);
        return metric === undefined ? null : { id: metric.id, name: metric.name };
      },
    };
  }

  async application(service: string, id: string): Promise<ApplicationDetail | null> {
    const record = await this.#configuration.applications.get({ service, application: id });
    if (record === null) return null;
    return { id, service, state: record.state, plan: { id: record.planId, name: record.planName } };
  }

  async services(limit: number): Promise<readonly ServiceSummary[]> {
    const ids: string[] = [];
    for await (const page of this.#pages()) {
      ids.push(...page);
      if (ids.length >= limit) break;
    }
    const services = await Promise.all(ids.slice(0, limit).map(async (id) => this.#configuration.lookup.service(id)));
    return services.flatMap((service) =>
      service === null ? [] : [{ id: service.id, metrics: [...service.metrics.all()].map(({ name }) => name) }],
    );
  }

  async servicesOf(application: string): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const services of this.#pages()) {
      const details = await Promise.all(services.map((service) => this.application(service, application)));
      found.push(...details.flatMap((detail) => (detail === null ? [] : [detail.service])));
    }
    return found;
  }

  /** Ids of services, page by page. */
  async *#pages(): AsyncGenerator<readonly string[]> {
    let cursor: string | null = null;
    do {
      const page = await this.#documents.list(['service'], cursor, PAGE);
      yield page.entries.flatMap(({ key: [, service] }) => (service === undefined ? [] : [service]));
      cursor = page.cursor;
    } while (cursor !== null);
  }
}
