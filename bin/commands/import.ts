import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { UsageError } from '../usage-error.ts';

interface Options {
  readonly output?: string;
  readonly force: boolean;
  readonly strict: boolean;
}

/** `tallygate import apicast FILE`: a configuration of ours from one of the 3scale gateway. */
export function importCommand(): Command {
  const apicast = new Command('apicast')
    .description('Convert a proxy configuration of the 3scale gateway, and say what became of each part (on stderr).')
    .argument('<file>', 'JSON: {"services": [...]}, or {"proxy_configs": [...]} as the portal answers it')
    .option('-o, --output <file>', 'file to write (stdout)')
    .option('--force', 'write over a file that is there', false)
    .option('--strict', 'exit code 1 when a part is unsupported', false)
    .action(run);
  return new Command('import').description('Convert the configuration of another gateway.').addCommand(apicast);
}

async function run(file: string, options: Options): Promise<void> {
  const { apicastServices } = await import('../../gateway/config/apicast/source.ts');
  const { importApicast } = await import('../../gateway/config/apicast/import.ts');
  const { importedYaml, reportText } = await import('../import-text.ts');
  const services = apicastServices(await readJson(file));
  if (services === null) {
    throw new UsageError(
      `${file}: neither {"services": [{"proxy"}]} nor {"proxy_configs": []}: no configuration of a 3scale gateway`,
    );
  }
  const imported = importApicast(services);
  await write(importedYaml(imported, file), options);
  console.error(reportText(imported));
  const unsupported = imported.report.some(({ fate }) => fate === 'unsupported');
  const unusable = imported.problems.length > 0 || imported.configuration.services === undefined;
  process.exitCode = unusable || (unsupported && options.strict) ? 1 : 0;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function write(text: string, { output, force }: Options): Promise<void> {
  if (output === undefined) {
    console.log(text.trimEnd());
    return;
  }
  try {
    await writeFile(output, text, { flag: force ? 'w' : 'wx', mode: 0o600 });
  } catch (error) {
    throw new UsageError(
      `${output}: ${error instanceof Error ? error.message : String(error)}; --force writes over a file`,
    );
  }
}
