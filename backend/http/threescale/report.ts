import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ConfiguredService, Lookup } from '../../configuration/lookup.ts';
import { contractErrors } from '../../domain/errors.ts';
import type { ContractError } from '../../domain/errors.ts';
import { resolveReport } from '../../domain/report.ts';
import type { FoundApplication, Report, ReportedTransaction } from '../../domain/report.ts';
import { isZero } from '../../domain/usage.ts';
import { sendEmpty, sendError } from './answer.ts';
import { findService, readClaim } from './authenticate.ts';
import type { ThreescaleDeps } from './deps.ts';
import { findReported } from './find-application.ts';
import type { FormMap } from './form/form.ts';
import type { FormParser } from './form/parse.ts';
import { isFormType, readParameters } from './form/read-request.ts';
import { isOn } from './options.ts';
import type { Options, OptionsReader } from './options.ts';
import { readTransactions } from './transactions.ts';

export interface ReportParts {
  readonly parseForm: FormParser;
  readonly readOptions: OptionsReader;
}

/** `POST /transactions.xml` (contract section 8): 202 once the usage can no longer be lost. */
export function reportHandler(deps: ThreescaleDeps, parts: ReportParts) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const type = request.headers['content-type'] ?? '';
    const options = parts.readOptions(request.headers['3scale-options']);
    if (!isFormType(type)) return sendError(reply, contractErrors.contentTypeInvalid(type), options.noBody);
    const body = Buffer.isBuffer(request.body) ? request.body : null;
    const form = readParameters(request.raw.url ?? '', body, type, parts.parseForm);
    if (form.invalidEncoding) return sendError(reply, contractErrors.notValidData, false);
    const noBody = options.noBody || isOn(form.values.get('no_body'));
    const error = await report(form.values, options, deps);
    return error === null ? sendEmpty(reply, 202) : sendError(reply, error, noBody);
  };
}

/** The error that the caller is told; null when the report was accepted. */
async function report(values: FormMap, options: Options, deps: ThreescaleDeps): Promise<ContractError | null> {
  const claim = await readClaim(values, deps.lookup);
  if (claim.kind === 'error') return claim;
  const transactions = readTransactions(values.get('transactions'));
  if ('kind' in transactions) return transactions;
  const service = await findService(claim, deps.lookup);
  if ('kind' in service) return service;
  const keepGood = options.keepGood || isOn(values.get('keep_good'));
  await count(service, transactions, { flatUsage: options.flatUsage, keepGood }, deps);
  await deps.accounting?.count(service.provider, { authorizations: 0, transactions: transactions.length });
  return null;
}

async function count(
  service: ConfiguredService,
  sent: readonly ReportedTransaction[],
  options: Pick<Report, 'flatUsage' | 'keepGood'>,
  deps: ThreescaleDeps,
): Promise<void> {
  const transactions = sent.filter(({ usage }) => !isZero(usage));
  if (transactions.length === 0) return;
  const applications = await findAll(service.id, transactions, deps.lookup);
  const report: Report = { service: service.id, at: deps.clock.now(), transactions, ...options };
  const { entries, errors } = resolveReport(report, applications);
  if (entries.length > 0) await deps.reports.accept(entries);
  for (const { code, message } of errors) await deps.errors.record(service.id, { code, message });
}

async function findAll(
  service: string,
  transactions: readonly ReportedTransaction[],
  lookup: Lookup,
): Promise<readonly FoundApplication[]> {
  return Promise.all(
    transactions.map(async ({ applicationId, userKey }) =>
      findReported(service, { appId: applicationId, userKey }, lookup),
    ),
  );
}
