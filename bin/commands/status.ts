import { Command } from 'commander';
import { milliseconds } from '../option-values.ts';
import { addressOf } from '../running-parts.ts';
import { backendStatus, gatewayStatus } from '../status.ts';
import type { PartStatus } from '../status.ts';

interface Options {
  readonly gateway: string;
  readonly backend: string;
  readonly json?: true;
  readonly timeout: number;
}

/** `tallygate status`: what a running gateway and backend say of themselves, on one screen. */
export function status(): Command {
  return new Command('status')
    .description('Show the state of a running gateway and backend. Exit code 0: both are ready, 1: not.')
    .option('--gateway <url>', "the gateway's admin address", 'gateway')
    .option('--backend <url>', "the backend's address", 'backend')
    .option('--json', 'as JSON, for scripts')
    .option('--timeout <ms>', 'longest wait for each answer', milliseconds, 2000)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const parts = await Promise.all([
    gatewayStatus(addressOf(options.gateway, process.env), options.timeout),
    backendStatus(addressOf(options.backend, process.env), options.timeout),
  ]);
  console.log(options.json === true ? JSON.stringify(parts, null, 2) : parts.map(describe).join('\n'));
  process.exitCode = parts.every((part) => part.ready) ? 0 : 1;
}

function describe(part: PartStatus): string {
  const width = Math.max(0, ...part.facts.map((fact) => fact.name.length));
  const facts = part.facts.map((fact) => `  ${fact.name.padEnd(width)}  ${fact.value}`);
  return [`${part.part}  ${part.address}  ${part.state}`, ...facts].join('\n');
}
