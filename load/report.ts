import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../shared/package-root.ts';
import { machine } from './machine/steal.ts';

/** A table of one scenario, for people and for programs. */
export interface Report {
  /** File name without ending, and title. */
  readonly name: string;
  readonly title: string;
  readonly command: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** A line for each thing that must hold. */
  readonly verdicts: readonly Verdict[];
  readonly notes: readonly string[];
  readonly raw: unknown;
}

export interface Verdict {
  readonly measure: string;
  readonly value: number;
  readonly must: string;
  readonly passed: boolean;
}

/** Prints the report and writes it as JSON and Markdown below load/results/. */
export async function publish(report: Report): Promise<void> {
  const text = markdown(report);
  console.log(`\n${text}`);
  const folder = join(packageRoot, 'load', 'results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${report.name}.md`), text);
  const { raw, rows, columns, verdicts, command } = report;
  await writeFile(
    join(folder, `${report.name}.json`),
    `${JSON.stringify({ machine: machine(), command, columns, rows, verdicts, raw }, null, 1)}\n`,
  );
}

function markdown({ title, command, columns, rows, verdicts, notes }: Report): string {
  const { node, cores, cpu } = machine();
  const lines = [
    `# ${title}`,
    '',
    `\`${command}\`: Node ${node}, ${cores} cores, ${cpu}. Ratios are medians of rounds that ran side by side.`,
    '',
    table(columns, rows),
  ];
  if (verdicts.length > 0) {
    const judged = verdicts.map(({ measure, value, must, passed }) => [
      measure,
      value.toFixed(2),
      must,
      passed ? 'yes' : '**no**',
    ]);
    lines.push('', table(['measure', 'value', 'must', 'reached'], judged));
  }
  return [...lines, ...notes.flatMap((note) => ['', note]), ''].join('\n');
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
