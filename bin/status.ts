import { askHealth } from './health-request.ts';
import { MetricsPage } from './metrics-text.ts';

/** What one part says of itself. */
export interface PartStatus {
  readonly part: 'gateway' | 'backend';
  readonly address: string;
  readonly ready: boolean;
  readonly state: string;
  readonly facts: readonly Fact[];
}

interface Fact {
  readonly name: string;
  readonly value: string;
}

export async function gatewayStatus(address: URL, timeoutMs: number): Promise<PartStatus> {
  return partStatus('gateway', address, timeoutMs, (page) => [
    fact('requests', count(page.sum('tallygate_requests_total')), split(page.by('tallygate_requests_total', 'code'))),
    fact('decided from', split(page.by('tallygate_auth_cache_total', 'result'))),
    fact('callers in memory', count(page.sum('tallygate_auth_cache_entries'))),
    fact(
      'usage not yet applied',
      count(page.sum('tallygate_usage_pending')),
      age(page.max('tallygate_usage_oldest_seconds')),
    ),
    fact('usage lost', count(page.sum('tallygate_usage_lost_total'))),
    fact('batches', split(page.by('tallygate_batches_total', 'result'))),
    fact('reporting threads', count(page.sum('tallygate_reporting_threads')), busy(page)),
    fact('deliveries by', split(page.by('tallygate_reporting_deliveries_total', 'by'))),
    fact('calls to the backend', split(page.by('tallygate_backend_calls_total', 'result'))),
    fact('requests that waited for a lease', count(page.sum('tallygate_lease_waits_total'))),
    fact('calls over a limit', count(page.sum('tallygate_overshoot_total'))),
  ]);
}

export async function backendStatus(address: URL, timeoutMs: number): Promise<PartStatus> {
  return partStatus('backend', address, timeoutMs, (page) => [
    fact(
      'requests',
      count(page.sum('tallygate_backend_requests_total')),
      split(page.by('tallygate_backend_requests_total', 'code')),
    ),
    fact('batches of gateways', split(page.by('tallygate_backend_batches_total', 'result'))),
    fact('usage set aside', count(page.sum('tallygate_backend_usage_set_aside_total'))),
    fact('reports accepted', count(page.sum('tallygate_reports_accepted_total'))),
    fact(
      'reports waiting',
      count(page.sum('tallygate_reports_waiting')),
      age(page.max('tallygate_reports_oldest_seconds')),
    ),
    fact('reports failed', count(page.sum('tallygate_reports_failed'))),
  ]);
}

type Facts = (page: MetricsPage) => readonly (Fact | null)[];

async function partStatus(
  part: PartStatus['part'],
  address: URL,
  timeoutMs: number,
  facts: Facts,
): Promise<PartStatus> {
  const [health, page] = await Promise.all([
    askHealth(new URL('/health/ready', address), timeoutMs),
    metricsOf(address, timeoutMs),
  ]);
  const known = page === null ? [] : facts(page).filter((each) => each !== null);
  return { part, address: address.host, ready: health.ok, state: health.summary, facts: known };
}

async function metricsOf(address: URL, timeoutMs: number): Promise<MetricsPage | null> {
  try {
    const response = await fetch(new URL('/metrics', address), { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? new MetricsPage(await response.text()) : null;
  } catch {
    return null;
  }
}

/** Null when the part does not have it: a mode that is off has no metrics. */
function fact(name: string, value: string | null, detail: string | null = null): Fact | null {
  if (value === null) return null;
  return { name, value: detail === null ? value : `${value} (${detail})` };
}

function count(value: number | null): string | null {
  return value === null ? null : value.toLocaleString('en-US');
}

function split(sums: ReadonlyMap<string, number>): string | null {
  const parts = [...sums].filter(([, value]) => value > 0);
  return parts.length === 0 ? null : parts.map(([key, value]) => `${key} ${value.toLocaleString('en-US')}`).join(', ');
}

function age(seconds: number | null): string | null {
  return seconds === null || seconds === 0 ? null : `the oldest for ${seconds.toFixed(1)} s`;
}

function busy(page: MetricsPage): string | null {
  const value = page.sum('tallygate_reporting_threads_busy');
  return value === null ? null : `${value} busy`;
}
