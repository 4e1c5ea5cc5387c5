import { Fault, backendErrors } from '../../shared/errors.ts';
import type { Counters } from '../store/store.ts';
import type { ApplicationDetail, Directory, MetricDetail, ServiceDetail, ServiceSummary } from './directory.ts';
import { invalid, oneOf, quote, readMoment, readRange, readZone } from './range.ts';
import type { RangeParameters, TimeRange } from './range.ts';
import { calendarSpan, topApplications } from './top.ts';
import type { TopApplication, TopRange } from './top.ts';
import { SPANS } from './calendar.ts';
import { changeFrom, usageIn } from './usage.ts';
import type { Change, Usage } from './usage.ts';
import { RETENTION, horizonAt } from './windows.ts';
import type { Retention } from './windows.ts';

/** Response codes that are counted (3scale contract, reference section 8). */
const CODES = ['200', '403', '404', '500', '503', '2XX', '4XX', '5XX'] as const;

export interface UsageQuestion extends RangeParameters {
  readonly service: string;
  /** null: the whole service. */
  readonly application: string | null;
  /** What is counted: a metric by name, or a response code. */
  readonly what: { readonly metricName: string } | { readonly responseCode: string };
  readonly withChange: boolean;
}

export interface UsageResult extends Usage {
  readonly metric: MetricDetail | null;
  readonly responseCode: string | null;
  readonly application: ApplicationDetail | null;
  readonly range: TimeRange;
  readonly change: Change | null;
}

export interface TopQuestion {
  readonly service: string;
  readonly metricName: string;
  readonly period: string;
  readonly since?: string;
  readonly timezone?: string;
}

export interface TopResult {
  readonly metric: MetricDetail;
  readonly range: TopRange;
  readonly applications: readonly (TopApplication & { readonly detail: ApplicationDetail })[];
}

/** Answers questions about usage over time. Every question that cannot be answered is a Fault that says why. */
export class Analytics {
  readonly #counters: Counters;
  readonly #directory: Directory;
  readonly #now: () => number;
  readonly #retention: Retention;

  constructor(counters: Counters, directory: Directory, now: () => number, retention: Retention = RETENTION) {
    this.#counters = counters;
    this.#directory = directory;
    this.#now = now;
    this.#retention = retention;
  }

  async usage(question: UsageQuestion): Promise<UsageResult> {
    const now = this.#now();
    const service = await this.#service(question.service);
    const application =
      question.application === null ? null : await this.#application(service.id, question.application);
    const metric = 'metricName' in question.what ? metricOf(service, question.what.metricName) : null;
    const responseCode = 'responseCode' in question.what ? codeOf(question.what.responseCode) : null;
    const range = readRange(question, now);
    const kept = { horizon: horizonAt(now, this.#retention), retention: this.#retention };
    const counter = metric === null ? { code: responseCode ?? '' } : { metric: metric.id };
    const subject = { service: service.id, application: application?.id ?? null, counter };
    const usage = await usageIn(this.#counters, subject, range, kept);
    const change = question.withChange ? await changeFrom(this.#counters, subject, range, usage.total, kept) : null;
    return { ...usage, metric, responseCode, application, range, change };
  }

  async top(question: TopQuestion): Promise<TopResult> {
    const now = this.#now();
    const service = await this.#service(question.service);
    const metric = metricOf(service, question.metricName);
    const zone = readZone(question.timezone);
    const name = oneOf('period', question.period, SPANS);
    if (name === null) throw invalid(`period is missing; use one of ${SPANS.join(', ')}`);
    const at = question.since === undefined ? now : readMoment('since', question.since, zone);
    const range = calendarSpan(name, at, zone);
    const kept = horizonAt(now, this.#retention);
    const leaders = await topApplications(this.#counters, service.id, metric.id, range, kept);
    const applications = await Promise.all(
      leaders.map(async (leader) => ({ ...leader, detail: await this.#detail(service.id, leader.application) })),
    );
    return { metric, range, applications };
  }

  /** Services by id, each with the names of its metrics. */
  services(limit: number): Promise<readonly ServiceSummary[]> {
    return this.#directory.services(limit);
  }

  /** Ids of the service's applications that ever had usage, at most `limit`. */
  async applications(serviceId: string, limit: number): Promise<readonly string[]> {
    const service = await this.#service(serviceId);
    return (await this.#counters.active(service.id, null, limit)).applications;
  }

  /** The service of an application that was named without one: the given one, or the only one that has it. */
  async serviceOf(application: string, given: string | undefined): Promise<string> {
    if (given !== undefined) return given;
    const services = await this.#directory.servicesOf(application);
    if (services.length > 1) {
      const names = services.slice(0, 10).map(quote).join(', ');
      throw new Fault(
        backendErrors.ambiguousApplication,
        `services ${names} have an application with id ${quote(application)}; say which with service_id=`,
      );
    }
    const [service] = services;
    if (service === undefined) throw noApplication(application);
    return service;
  }

  async #service(id: string): Promise<ServiceDetail> {
    const service = await this.#directory.service(id);
    if (service === null) throw new Fault(backendErrors.serviceNotFound, `there is no service with id ${quote(id)}`);
    return service;
  }

  async #application(service: string, id: string): Promise<ApplicationDetail> {
    const application = await this.#directory.application(service, id);
    if (application === null) throw noApplication(id, service);
    return application;
  }

  /** Usage outlives the application: of a deleted one only the id is known. */
  async #detail(service: string, id: string): Promise<ApplicationDetail> {
    const application = await this.#directory.application(service, id);
    return application ?? { id, service, state: 'deleted', plan: { id: null, name: null } };
  }
}

function metricOf(service: ServiceDetail, name: string): MetricDetail {
  const metric = service.metric(name);
  if (metric !== null) return metric;
  throw new Fault(
    backendErrors.metricNotFound,
    `there is no metric named ${quote(name)} in service ${quote(service.id)}`,
  );
}

function codeOf(text: string): string {
  const code = oneOf('response_code', text.toUpperCase(), CODES);
  if (code === null) throw invalid(`response_code is missing; use one of ${CODES.join(', ')}`);
  return code;
}

function noApplication(id: string, service?: string): Fault {
  const where = service === undefined ? '' : ` in service ${quote(service)}`;
  return new Fault(backendErrors.applicationNotFound, `there is no application with id ${quote(id)}${where}`);
}
