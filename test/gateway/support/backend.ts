import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { systemClock } from '../../../shared/clock.ts';
import { windowEnd, windowStart, type Period } from '../../../shared/period.ts';
import { track } from '../../harness/resources.ts';

export interface FakeLimit {
  readonly metric: string;
  readonly period: Period;
  readonly max: number;
}

/** What the server answers instead, for one call. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'hang' }
  /** Counts, then breaks the connection. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'garbage'; readonly body: string };

/**
 * A small server that speaks the 3scale contract in the recorded form, over real sockets: authorize, authrep and report
 * for user keys, with limits and a hierarchy, and faults on demand.
 */
export class ContractBackend {
  readonly keys = new Map<string, readonly FakeLimit[]>();
  /** Metric → parent. */
  readonly parents = new Map<string, string>();
  /** What was counted, ancestors included. */
  readonly counted: { readonly key: string; readonly metric: string; readonly amount: number; readonly at: number }[] =
    [];
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[] = [];
  /** Transactions as they came. */
  readonly transactions: Map<string, string>[] = [];
  readonly server: Server;
  port = 0;
  /** Milliseconds to wait before an answer. */
  delay = 0;
  now: () => number = () => systemClock.now();
  fault: (call: string) => Fault | null = () => null;

  constructor() {
    this.server = createServer((request, response) => this.#receive(request, response));
  }

  static async start(): Promise<ContractBackend> {
    const backend = new ContractBackend();
    await new Promise<void>((resolve) => backend.server.listen(0, '127.0.0.1', resolve));
    const address = backend.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    backend.port = address.port;
    track({ stop: () => backend.stop(), abandon: () => backend.server.closeAllConnections() });
    return backend;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  /** Listens again on the same port. */
  async restart(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  /** Units counted since `since` (ms). */
  units(key: string, metric: string, since = 0): number {
    const counted = this.counted.filter((each) => each.key === key && each.metric === metric && each.at >= since);
    return counted.reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Counts usage, as if another gateway had reported it. */
  count(key: string, usage: ReadonlyMap<string, number>, at: number): void {
    for (const [metric, amount] of this.#withAncestors(usage)) this.counted.push({ key, metric, amount, at });
  }

  #current(key: string, { metric, period }: FakeLimit): number {
    return this.units(key, metric, windowStart(period, this.now()));
  }

  calls(call: string): number {
    return this.requests.filter(({ url }) => callOf(url) === call).length;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => {
      const url = request.url ?? '';
      this.requests.push({ method: request.method ?? '', url, headers: request.headers, body });
      if (this.delay === 0) this.#answer(url, body, response);
      else systemClock.after(this.delay, () => this.#answer(url, body, response));
    });
  }

  #answer(url: string, body: string, response: ServerResponse): void {
    const call = callOf(url);
    const fault = this.fault(call);
    if (fault?.kind === 'hang') return;
    if (call === 'other') return void response.writeHead(404).end();
    if (fault?.kind === 'status') return void response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
    if (fault?.kind === 'garbage') return void response.writeHead(200).end(fault.body);
    const parameters = new URLSearchParams(url.split('?')[1] ?? '');
    const authorized = this.#authorized(parameters);
    if (call === 'report') this.#report(body);
    else if (call === 'authrep' && authorized)
      this.count(parameters.get('user_key') ?? '', usageOf(parameters), this.now());
    if (fault?.kind === 'reset') return void response.destroy();
    if (call === 'report') return void response.writeHead(202).end();
    this.#decide(parameters, response, authorized);
  }

  #report(body: string): void {
    const transactions = new Map<string, Map<string, string>>();
    for (const [name, value] of new URLSearchParams(body)) {
      const [, index, field] = /^transactions\[(\d+)\](.+)$/.exec(name) ?? [];
      if (index === undefined || field === undefined) throw new Error(`not a report: ${name}`);
      const transaction = transactions.get(index) ?? new Map<string, string>();
      transactions.set(index, transaction.set(field, value));
    }
    for (const transaction of transactions.values()) {
      this.transactions.push(transaction);
      const usage = new Map<string, number>();
      for (const [field, value] of transaction) {
        const metric = /^\[usage\]\[(.+)\]$/.exec(field)?.[1];
        if (metric !== undefined) usage.set(metric, Number(value));
      }
      const at = Date.parse(transaction.get('[timestamp]') ?? '');
      this.count(transaction.get('[user_key]') ?? transaction.get('[app_id]') ?? '', usage, at);
    }
  }

  #authorized(parameters: URLSearchParams): boolean {
    const key = parameters.get('user_key') ?? '';
    const limits = this.keys.get(key);
    const added = this.#withAncestors(usageOf(parameters));
    return (
      limits?.every((limit) => this.#current(key, limit) + (added.get(limit.metric) ?? -Infinity) <= limit.max) ?? false
    );
  }

  #decide(parameters: URLSearchParams, response: ServerResponse, authorized: boolean): void {
    const key = parameters.get('user_key') ?? '';
    const limits = this.keys.get(key);
    if (limits === undefined) {
      const body = '<?xml version="1.0" encoding="UTF-8"?><error code="user_key_invalid">user key is invalid</error>';
      return void response.writeHead(403).end(body);
    }
    const headers = this.#limitHeaders(key, limits, usageOf(parameters));
    if (!authorized) headers['3scale-rejection-reason'] = 'limits_exceeded';
    const body = this.#document(key, limits, authorized);
    response.writeHead(authorized ? 200 : 409, headers).end(body);
  }

  /** Of the tightest limit of what the call uses, as it stands now. */
  #limitHeaders(key: string, limits: readonly FakeLimit[], usage: ReadonlyMap<string, number>): Record<string, string> {
    const added = this.#withAncestors(usage);
    let tightest: { calls: number; limit: FakeLimit } | null = null;
    for (const limit of limits) {
      const amount = added.get(limit.metric);
      if (amount === undefined) continue;
      const calls = Math.max(0, Math.floor((limit.max - this.#current(key, limit)) / amount));
      if (tightest === null || calls < tightest.calls) tightest = { calls, limit };
    }
    if (tightest === null) return {};
    const { calls, limit } = tightest;
    const reset =
      limit.period === 'eternity' ? -1 : Math.ceil((windowEnd(limit.period, this.now()) - this.now()) / 1000);
    return {
      '3scale-limit-remaining': String(calls),
      '3scale-limit-reset': String(reset),
      '3scale-limit-max-value': String(limit.max),
    };
  }

  #withAncestors(usage: ReadonlyMap<string, number>): Map<string, number> {
    const added = new Map<string, number>();
    for (const [metric, amount] of usage) {
      for (let at: string | undefined = metric; at !== undefined; at = this.parents.get(at)) {
        added.set(at, (added.get(at) ?? 0) + amount);
      }
    }
    return added;
  }

  #document(key: string, limits: readonly FakeLimit[], authorized: boolean): string {
    const at = this.now();
    const reports = limits.map((limit) => {
      const { metric, period, max } = limit;
      const window =
        period === 'eternity'
          ? ''
          : `<period_start>${text(windowStart(period, at))}</period_start><period_end>${text(windowEnd(period, at))}</period_end>`;
      return `<usage_report metric="${metric}" period="${period}">${window}<max_value>${max}</max_value><current_value>${this.#current(key, limit)}</current_value></usage_report>`;
    });
    const children = limits.map(({ metric }) => {
      const names = [...this.parents].filter(([, parent]) => parent === metric).map(([child]) => child);
      return `<metric name="${metric}" children="${names.join(' ')}"/>`;
    });
    const usage = reports.length === 0 ? '' : `<usage_reports>${reports.join('')}</usage_reports>`;
    return `<?xml version="1.0" encoding="UTF-8"?><status><authorized>${authorized}</authorized>${authorized ? '' : '<reason>usage limits are exceeded</reason>'}<plan>p</plan>${usage}<hierarchy>${children.join('')}</hierarchy></status>`;
  }
}

function usageOf(parameters: URLSearchParams): Map<string, number> {
  const usage = new Map<string, number>();
  for (const [name, value] of parameters) {
    const metric = /^usage\[(.+)\]$/.exec(name)?.[1];
    if (metric !== undefined) usage.set(metric, Number(value));
  }
  return usage;
}

function callOf(url: string): string {
  if (url.startsWith('/transactions.xml')) return 'report';
  if (url.includes('authrep.xml')) return 'authrep';
  return url.includes('authorize.xml') ? 'authorize' : 'other';
}

function text(at: number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} +0000`;
}
