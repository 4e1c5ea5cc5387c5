import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../shared/package-root.ts';
import { VERDICT_HEADER, markdown } from './report.ts';
import type { StoredReport } from './report.ts';

/** The page with the tables, and the one with everything that must hold. */
const TABLES = join(packageRoot, 'docs/performance.md');
const SUMMARY = join(packageRoot, 'README.md');
/** `<!-- load NAME -->`, what is generated, `<!-- end of NAME -->`. */
const GENERATED = /(<!-- load (\w+) -->\n)([^]*?)(<!-- end of \2 -->)/g;

/**
 * Writes the tables of these reports between their markers in docs/performance.md, and what all tables of that page
 * say must hold into README.md: a scenario that did not run keeps the table that it had.
 */
export async function writeTables(reports: ReadonlyMap<string, StoredReport>): Promise<void> {
  const page = withTables(await readFile(TABLES, 'utf8'), reports);
  await writeFile(TABLES, page);
  await writeFile(SUMMARY, withSummary(await readFile(SUMMARY, 'utf8'), page));
}

export function withTables(page: string, reports: ReadonlyMap<string, StoredReport>): string {
  return page.replaceAll(GENERATED, (all: string, begin: string, name: string, _old: string, end: string) => {
    const report = reports.get(name);
    return report === undefined ? all : `${begin}\n${markdown(report)}\n\n${end}`;
  });
}

/** The text with the rows of all verdicts of a page with tables between the markers of `summary`. */
export function withSummary(text: string, tables: string): string {
  const rows = Array.from(tables.matchAll(GENERATED), ([, , , generated = '']) => verdictRows(generated)).flat();
  return text.replaceAll(GENERATED, (all: string, begin: string, name: string, _old: string, end: string) =>
    name === 'summary' ? `${begin}\n${[VERDICT_HEADER, ...rows].join('\n')}\n\n${end}` : all,
  );
}

function verdictRows(generated: string): string[] {
  const at = generated.indexOf(VERDICT_HEADER);
  if (at < 0) return [];
  const [rows = ''] = generated.slice(at + VERDICT_HEADER.length + 1).split('\n\n', 1);
  return rows.split('\n');
}
