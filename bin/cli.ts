import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { ConfigurationError } from '../shared/env.ts';
import { packageRoot } from '../shared/package-root.ts';
import { commands } from './commands/index.ts';
import { UsageError } from './usage-error.ts';

/** Runs one command of `tallygate`. Sets the exit code; ends the process only by letting it run out of work. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('tallygate')
    .description('An API gateway that runs as a sidecar, and the authorization and usage backend that it answers to.')
    .version(version())
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  for (const command of commands) {
    program.addCommand(command().exitOverride().showHelpAfterError('(--help shows what there is)'));
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof UsageError || error instanceof ConfigurationError) console.error(error.message);
  else if (isPortInUse(error)) console.error(`port ${error.port} is in use: stop what uses it, or set another PORT`);
  else console.error(error);
  return 1;
}

function isPortInUse(error: unknown): error is Error & { readonly port: number } {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error;
}

function version(): string {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
