/** What the analytics must know of the configuration. */
export interface Directory {
  service(id: string): Promise<ServiceDetail | null>;
  application(service: string, id: string): Promise<ApplicationDetail | null>;
  /** Services by id, at most `limit`, each with the names of its metrics. */
  services(limit: number): Promise<readonly ServiceSummary[]>;
  /** Services that have an application of this id. */
  servicesOf(application: string): Promise<readonly string[]>;
}

export interface ServiceSummary {
  readonly id: string;
  readonly metrics: readonly string[];
}

export interface ServiceDetail {
  readonly id: string;
  /** The metric or method of this name. */
  metric(name: string): MetricDetail | null;
}

export interface MetricDetail {
  readonly id: string;
  readonly name: string;
}

export interface ApplicationDetail {
  readonly id: string;
  readonly service: string;
  readonly state: string;
  readonly plan: { readonly id: string | null; readonly name: string | null };
}
