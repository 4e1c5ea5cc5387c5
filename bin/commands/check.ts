import { Command } from 'commander';

interface Options {
  readonly schema: boolean;
}

/** `tallygate check FILE`: everything that is wrong with a configuration, without starting anything. */
export function check(): Command {
  return new Command('check')
    .description('Check a configuration file. Exit code 0: it can be used, 1: each problem is one line.')
    .argument('[file]', 'the file; without one, CONFIG_FILE and the environment are checked')
    .option('--schema', 'print the JSON Schema of the file instead', false)
    .action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  if (options.schema) {
    const { publishedSchema } = await import('../../gateway/config/schema.ts');
    console.log(JSON.stringify(publishedSchema(), null, 2));
    return;
  }
  const { checkConfiguration } = await import('../../gateway/config/check.ts');
  const { name, services, warnings } = checkConfiguration(file ?? null, process.env);
  for (const warning of warnings) console.error(warning);
  console.log(`${name}: ok, ${services === 1 ? '1 service' : `${services} services`}`);
}
