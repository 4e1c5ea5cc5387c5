import type { RoundResult } from './round.ts';

/** One line of a round, and one for each exception. */
export function lineOf(seed: number, result: RoundResult): string {
  const { faults, sent, served, counted, refused, outages, over, slowestMs, seconds, exceptions } = result;
  const beyond = over > 0 ? `, over a limit by ${over}` : '';
  const figures = `sent ${sent}, served ${served}, counted ${counted}, refused ${refused}, outages ${outages}${beyond}, slowest ${slowestMs} ms, ${seconds} s`;
  const verdict = exceptions.length === 0 ? 'ok  ' : 'FAIL';
  return [
    `${verdict} seed ${seed}: ${faults.join(' + ')}: ${figures}`,
    ...exceptions.map((text) => `       ${text}`),
  ].join('\n');
}

interface RowSummary {
  rounds: number;
  sent: number;
  served: number;
  counted: number;
  answered: number;
  uncertain: number;
  over: number;
  exceptions: number;
}

/** By row of the fault matrix; a round counts for each of the rows of its faults. */
export function byRow(results: readonly RoundResult[]): Record<string, RowSummary> {
  const rows = [...new Set(results.flatMap((result) => result.rows))].toSorted((a, b) => a - b);
  const summaries = rows.map((row) => [`row ${row}`, sum(results.filter((result) => result.rows.includes(row)))]);
  return { ...Object.fromEntries(summaries), 'all rounds': sum(results) };
}

function sum(results: readonly RoundResult[]): RowSummary {
  const total = (of: (result: RoundResult) => number): number =>
    results.reduce((added, result) => added + of(result), 0);
  return {
    rounds: results.length,
    sent: total(({ sent }) => sent),
    served: total(({ served }) => served),
    counted: total(({ counted }) => counted),
    answered: total(({ answered }) => answered),
    uncertain: total(({ uncertain }) => uncertain),
    over: Math.max(0, ...results.map(({ over }) => over)),
    exceptions: total(({ exceptions }) => exceptions.length),
  };
}
