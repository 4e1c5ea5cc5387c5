import type { Decision } from '../../../domain/decide.ts';
import type { Application } from '../../../domain/model.ts';
import type { UsageReport } from '../../../domain/usage-report.ts';
import { XML_DECLARATION } from './error.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import type { WindowText } from './window-text.ts';

/** Most keys that `list_app_keys` shows. */
const MAX_LISTED_KEYS = 256;

export interface StatusView {
  readonly listAppKeys: boolean;
  readonly hierarchy: boolean;
  readonly windowText: WindowText;
}

/** Status document of the contract (section 4): the order of its elements is fixed. */
export function statusDocument(decision: Decision, view: StatusView): string {
  const { call, denial, reports } = decision;
  const { application } = call;
  return [
    XML_DECLARATION,
    denial === null
      ? '<status><authorized>true</authorized>'
      : `<status><authorized>false</authorized><reason>${escapeText(denial.message)}</reason>`,
    call.oauthEndpoint ? applicationElement(decision) : '',
    `<plan>${escapeText(application.planName ?? '')}</plan>`,
    reports.length === 0 ? '' : usageReports(reports, call.at, view.windowText),
    view.listAppKeys ? appKeys(application, call.at) : '',
    view.hierarchy ? hierarchy(reports) : '',
    '</status>',
  ].join('');
}

function applicationElement(decision: Decision): string {
  const { application, presented, at } = decision.call;
  const redirect = presented.redirectUri !== null && presented.redirectUrl === null ? 'redirect_uri' : 'redirect_url';
  const [key = ''] = application.keys.list(at);
  const url = escapeText(application.redirectUrl ?? '');
  return `<application><id>${escapeText(application.id)}</id><key>${escapeText(key)}</key><${redirect}>${url}</${redirect}></application>`;
}

function usageReports(reports: readonly UsageReport[], at: number, windowText: WindowText): string {
  let text = '<usage_reports>';
  for (const { limit, metric, current, exceeded } of reports) {
    text += `<usage_report metric="${escapeAttribute(metric.name)}" period="${limit.period}"${exceeded ? ' exceeded="true">' : '>'}`;
    text += windowText(limit.period, at);
    text += `<max_value>${limit.max}</max_value><current_value>${current}</current_value></usage_report>`;
  }
  return `${text}</usage_reports>`;
}

function appKeys(application: Application, now: number): string {
  const keys = application.keys.list(now).slice(0, MAX_LISTED_KEYS);
  const elements = keys.map((key) => `<key id="${escapeAttribute(key)}"/>`).join('');
  return `<app_keys app="${escapeAttribute(application.id)}" svc="${escapeAttribute(application.service.id)}">${elements}</app_keys>`;
}

/** One element per usage report, with direct children only: a metric with two limits comes twice. */
function hierarchy(reports: readonly UsageReport[]): string {
  const elements = reports.map(({ metric }) => {
    const children = metric.children.map((child) => child.name).join(' ');
    return `<metric name="${escapeAttribute(metric.name)}" children="${escapeAttribute(children)}"/>`;
  });
  return `<hierarchy>${elements.join('')}</hierarchy>`;
}
