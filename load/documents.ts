import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../shared/package-root.ts';
import { markdown, verdictTable } from './report.ts';
import type { StoredReport } from './report.ts';

/** The name that stands for the table of everything that must hold. */
const SUMMARY = 'summary';
const PAGES = ['README.md', 'docs/performance.md'];
/** `<!-- load NAME -->`, what is generated, `<!-- end of NAME -->`. */
const GENERATED = /(<!-- load (\w+) -->\n)[^]*?(<!-- end of \2 -->)/g;

/** Writes the tables of all reports between their markers in README.md and docs/performance.md. */
export async function writeTables(reports: ReadonlyMap<string, StoredReport>): Promise<void> {
  for (const page of PAGES) {
    const path = join(packageRoot, page);
    await writeFile(path, withTables(await readFile(path, 'utf8'), reports));
  }
}

/** The page with the tables of these reports; what no report is for stays as it is. */
export function withTables(page: string, reports: ReadonlyMap<string, StoredReport>): string {
  return page.replaceAll(GENERATED, (all: string, begin: string, name: string, end: string) => {
    if (name === SUMMARY) return reports.size === 0 ? all : `${begin}\n${summary(reports)}\n\n${end}`;
    const report = reports.get(name);
    return report === undefined ? all : `${begin}\n${markdown(report)}\n\n${end}`;
  });
}

function summary(reports: ReadonlyMap<string, StoredReport>): string {
  return verdictTable([...reports.values()].flatMap(({ verdicts }) => verdicts));
}
