import { Argument, Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { ConfigurationError } from '../../shared/env.ts';
import { problem } from '../doctor/finding.ts';
import type { Finding } from '../doctor/finding.ts';

/** `tallygate doctor`: looks at everything that a part needs before it is started, and says what to do about the rest. */
export function doctor(): Command {
  return new Command('doctor')
    .description(
      'Check what a gateway, backend or worker with this environment needs. Exit code 1: there is a problem.',
    )
    .addArgument(new Argument('[part]', 'the part').choices(['gateway', 'backend', 'worker']).default('gateway'))
    .action(run);
}

const SIGNS = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;

async function run(part: string): Promise<void> {
  const findings = await look(part);
  for (const { level, subject, text, remedy } of findings) {
    console.log(`${SIGNS[level]}  ${subject}: ${text}${remedy === '' ? '' : `; ${remedy}`}`);
  }
  if (findings.some((finding) => finding.level === 'problem')) process.exitCode = 1;
}

async function look(part: string): Promise<readonly Finding[]> {
  try {
    if (part === 'gateway')
      return await (await import('../doctor/gateway.ts')).gatewayFindings(process.env, systemClock);
    const backend = await import('../doctor/backend.ts');
    return part === 'backend'
      ? await backend.backendFindings(process.env, systemClock)
      : await backend.workerFindings(process.env, systemClock);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map((text) => problem('settings', text, ''));
  }
}
