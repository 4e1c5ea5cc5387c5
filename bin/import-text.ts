import { stringify } from 'yaml';
import type { Imported } from '../gateway/config/apicast/import.ts';
import type { Fate } from '../gateway/config/apicast/report.ts';

const FATES: readonly Fate[] = ['converted', 'changed', 'unsupported'];

/** The configuration as YAML, with what was left out as comments at its head. */
export function importedYaml({ configuration, report }: Imported, source: string): string {
  const leftOut = report.filter(({ fate }) => fate === 'unsupported');
  const head = [
    `Converted from ${JSON.stringify(source)}. It holds tokens: keep it where only the gateway reads it.`,
    ...(leftOut.length === 0 ? [] : ['Left out:', ...leftOut.map(({ where, text }) => `  ${where}: ${text}`)]),
  ];
  const comments = head.map((line) => `# ${line.replaceAll(/[\r\n]+/g, ' ')}\n`).join('');
  return `${comments}\n${stringify(configuration, { lineWidth: 120 })}`;
}

/** What became of each part, and the sums. */
export function reportText({ report, problems }: Imported): string {
  const lines = report.map(({ fate, where, text }) => `${fate.padEnd(11)}  ${where}: ${text}`);
  const sums = FATES.map((fate) => `${report.filter((line) => line.fate === fate).length} ${fate}`);
  return [...lines, ...problems.map((problem) => `problem      ${problem}`), `import: ${sums.join(', ')}`].join('\n');
}
