import type { Metrics, Tally } from '../metrics/metrics.ts';
import type { BatchEntry } from '../store/store.ts';
import { applyReport } from './apply-report.ts';
import type { ApplyDeps } from './apply-report.ts';
import type { Activity, Reports } from './contract.ts';
import { encodeReport } from './report-job.ts';
import { ReportSequence } from './report-sequence.ts';

export interface DirectReportsDeps extends ApplyDeps {
  readonly activity: Activity;
  readonly metrics: Metrics;
}

/** Reports on the embedded store: applied durably before the client is answered. */
export class DirectReports implements Reports {
  readonly #deps: DirectReportsDeps;
  readonly #sequence = new ReportSequence();
  readonly #accepted: Tally;

  constructor(deps: DirectReportsDeps) {
    this.#deps = deps;
    this.#accepted = deps.metrics.tally('tallygate_reports_accepted_total', 'Reports taken over for good.');
  }

  async accept(entries: readonly BatchEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const identity = this.#sequence.next();
    await applyReport(this.#deps, { ...identity, digest: encodeReport(identity, entries).digest }, entries);
    this.#sequence.completed(identity.epoch, identity.sequence);
    this.#accepted.count += 1;
    for (const entry of entries) this.#deps.activity.touched(entry);
  }
}
