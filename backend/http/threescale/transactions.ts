import { contractErrors } from '../../domain/errors.ts';
import type { ContractError } from '../../domain/errors.ts';
import type { ReportedTransaction } from '../../domain/report.ts';
import { stripWhitespace } from '../../domain/whitespace.ts';
import { isFormMap, textOf } from './form/form.ts';
import type { FormMap, FormValue } from './form/form.ts';
import { credential, readLogCode, readRawUsage } from './parameters.ts';

/** Reads `transactions[N][...]` and checks its shape (contract sections 2.1 and 5). */
export function readTransactions(value: FormValue | undefined): readonly ReportedTransaction[] | ContractError {
  if (value === undefined || value === null) return contractErrors.transactionsIsBlank;
  if (typeof value === 'string' && stripWhitespace(value) === '') return contractErrors.transactionsIsBlank;
  if (!isFormMap(value)) return contractErrors.transactionsFormatInvalid;
  const transactions: ReportedTransaction[] = [];
  for (const item of value.values()) {
    if (item === null) return contractErrors.transactionsHasNilTransaction;
    if (!isFormMap(item)) return contractErrors.transactionsFormatInvalid;
    const transaction = readTransaction(item);
    if ('kind' in transaction) return transaction;
    transactions.push(transaction);
  }
  return transactions;
}

function readTransaction(values: FormMap): ReportedTransaction | ContractError {
  if ((values.get('user_id') ?? null) !== null) return contractErrors.endUsersNoLongerSupported;
  const usage = values.get('usage') ?? null;
  if (usage !== null && !isFormMap(usage)) return contractErrors.transactionsFormatInvalid;
  return {
    applicationId: credential(values, 'app_id'),
    userKey: credential(values, 'user_key'),
    usage: usage === null ? [] : readRawUsage(usage),
    timestamp: textOf(values.get('timestamp')),
    code: readLogCode(values.get('log')),
  };
}
