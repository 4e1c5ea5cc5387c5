import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { starterFile } from '../starter-file.ts';
import type { StarterValues } from '../starter-file.ts';
import { UsageError } from '../usage-error.ts';

interface Options extends StarterValues {
  readonly force?: true;
}

/** `tallygate init`: a configuration file to begin with, filled with what was given. */
export function init(): Command {
  return new Command('init')
    .description('Write a commented configuration file for a gateway in front of one app.')
    .argument('[file]', 'file to write', 'tallygate.yaml')
    .option('--service <id>', 'id of the service at the backend', 'demo')
    .option('--token <token>', 'its service token', 'demo-token')
    .option('--upstream <url>', 'the app behind the gateway', 'http://127.0.0.1:8081')
    .option('--backend <url>', 'the backend', 'http://127.0.0.1:3000')
    .option('--force', 'write over a file that is there')
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const text = starterFile(options);
  const { parseConfigurationFile } = await import('../../gateway/config/file.ts');
  parseConfigurationFile(text, file);
  try {
    await writeFile(file, text, { flag: options.force === true ? 'w' : 'wx', mode: 0o600 });
  } catch (error) {
    throw new UsageError(`${file}: ${reason(error)}`);
  }
  console.log(`${file} is written. It holds a token: keep it where only the gateway reads it.

  tallygate check ${file}
  CONFIG_FILE=${file} tallygate gateway`);
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'EEXIST') return 'it is there already; choose another name, or write over it with --force';
  if (code === 'ENOENT') return 'its folder is not there; make it first, or choose another';
  return `it cannot be written (${code}); choose another place`;
}
