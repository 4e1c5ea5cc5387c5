import { Command } from 'commander';
import { explanationData, explanationText } from '../explain-text.ts';
import { UsageError } from '../usage-error.ts';

interface Options {
  readonly config?: string;
  readonly header: readonly string[];
  readonly form?: string;
  readonly json: boolean;
}

/** `tallygate explain METHOD URL`: which service, credentials, rules and usage a request comes to. Nothing is sent. */
export function explain(): Command {
  return new Command('explain')
    .description('Show what the gateway would make of a request: service, credentials, rules, usage, upstream.')
    .argument('<method>', 'GET, POST, ...')
    .argument('<url>', 'http://HOST/PATH?QUERY, or /PATH?QUERY')
    .option('-c, --config <file>', 'configuration file (CONFIG_FILE)')
    .option('-H, --header <field>', 'a header field, "Name: value"; may be repeated', collect, [])
    .option('-d, --form <body>', 'body of a form request')
    .option('--json', 'as JSON', false)
    .action(run);
}

async function run(method: string, url: string, options: Options): Promise<void> {
  const { explainRequest } = await import('../../gateway/config/explain.ts');
  const { readServices } = await import('../../gateway/config/read.ts');
  const services = readServices(options.config ?? null, process.env);
  const headers = options.header.map(parseField);
  const explanation = explainRequest(services, { method, url, headers, form: options.form ?? null });
  if (options.json) console.log(JSON.stringify(explanationData(explanation), null, 2));
  else console.log(explanationText(explanation));
  process.exitCode = explanation.outcome === 'routed' && explanation.usage !== null ? 0 : 1;
}

function collect(field: string, before: readonly string[]): readonly string[] {
  return [...before, field];
}

function parseField(field: string): readonly [string, string] {
  const colon = field.indexOf(':');
  if (colon < 1) throw new UsageError(`--header ${JSON.stringify(field)}: write it as "Name: value"`);
  return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
}
