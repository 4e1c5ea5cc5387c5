import { Command, Option } from 'commander';
import { callInternalApi, internalApiSettings } from '../internal-api.ts';

interface Options {
  readonly format: 'yaml' | 'json';
}

/** `tallygate export`: what a backend has, as a file for `tallygate apply`. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Print what a backend has as a file for tallygate apply. Keys and tokens are left out.')
    .addOption(new Option('--format <format>', 'how').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', '\nBACKEND_URL, INTERNAL_API_USER and INTERNAL_API_PASSWORD as for tallygate apply.')
    .action(run);
}

async function run({ format }: Options): Promise<void> {
  const declaration = await callInternalApi(internalApiSettings(process.env), 'GET', '/configuration');
  if (format === 'json') {
    console.log(JSON.stringify(declaration, null, 2));
    return;
  }
  const { stringify } = await import('yaml');
  process.stdout.write(stringify(declaration));
}
