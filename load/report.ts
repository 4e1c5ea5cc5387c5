import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { packageRoot } from '../shared/package-root.ts';
import { machine } from './machine/steal.ts';
import { table } from './table.ts';
import type { Verdict } from './verdict.ts';

/** What a scenario found. */
export interface Report {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** A line for each thing that must hold. */
  readonly verdicts: readonly Verdict[];
  readonly notes: readonly string[];
  /** Every round. */
  readonly raw: unknown;
}

const Text = Type.String();
const Stored = Type.Object({
  name: Text,
  title: Text,
  command: Text,
  /** Day on which it ran. */
  date: Text,
  machine: Type.Object({ node: Text, cores: Type.Number(), cpu: Text, kernel: Text }),
  columns: Type.Array(Text),
  rows: Type.Array(Type.Array(Text)),
  verdicts: Type.Array(
    Type.Object({
      measure: Text,
      value: Type.Number(),
      must: Text,
      aim: Text,
      passed: Type.Boolean(),
      aimed: Type.Boolean(),
    }),
  ),
  notes: Type.Array(Text),
});
/** A report as load/results/ keeps it. */
export type StoredReport = Static<typeof Stored>;
const check = Compile(Stored);

const RESULTS = join(packageRoot, 'load', 'results');

export interface Ran {
  readonly name: string;
  readonly command: string;
  readonly date: string;
}

/** Prints the report and writes it as JSON and Markdown below load/results/. */
export async function publish(report: Report, { name, command, date }: Ran): Promise<void> {
  const { raw, ...rest } = report;
  const stored: StoredReport = {
    name,
    command,
    date,
    machine: machine(),
    ...rest,
    columns: [...rest.columns],
    rows: rest.rows.map((row) => [...row]),
    verdicts: [...rest.verdicts],
    notes: [...rest.notes],
  };
  const text = `# ${report.title}\n\n${markdown(stored)}\n`;
  console.log(`\n${text}`);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, `${name}.md`), text);
  await writeFile(join(RESULTS, `${name}.json`), `${JSON.stringify({ ...stored, raw }, null, 1)}\n`);
}

/** What load/results/ has, by the names of the scenarios. */
export async function storedReports(): Promise<Map<string, StoredReport>> {
  const names = await readdir(RESULTS).catch(() => []);
  const reports = new Map<string, StoredReport>();
  for (const name of names.filter((each) => each.endsWith('.json'))) {
    const value: unknown = JSON.parse(await readFile(join(RESULTS, name), 'utf8'));
    if (!check.Check(value)) throw new Error(`load/results/${name} is not a report of this version; run it again`);
    reports.set(value.name, value);
  }
  return reports;
}

/** A report as Markdown, without its title. */
export function markdown({ command, date, machine: on, columns, rows, verdicts, notes }: StoredReport): string {
  const parts = [
    `\`${command}\`, ${date}, Node ${on.node}, ${on.cores} cores (${on.cpu}).`,
    table(columns, rows),
    ...(verdicts.length === 0 ? [] : [verdictTable(verdicts)]),
    ...notes,
  ];
  return parts.join('\n\n');
}

const VERDICT_COLUMNS = ['measure', 'value', 'must', 'reached', 'aim', 'reached'];
/** The first two lines of a table of verdicts. */
export const VERDICT_HEADER = table(VERDICT_COLUMNS, []);

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ measure, value, must, aim, passed, aimed }) => [
    measure,
    shown(value),
    must,
    passed ? 'yes' : '**no**',
    aim,
    aim === '' ? '' : aimed ? 'yes' : 'no',
  ]);
  return table(VERDICT_COLUMNS, rows);
}

function shown(value: number): string {
  return Math.abs(value) >= 20 ? value.toFixed(0) : value.toFixed(2);
}
