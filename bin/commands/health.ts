import { Command } from 'commander';
import { askHealth } from '../health-request.ts';
import { milliseconds } from '../option-values.ts';
import { addressOf, PARTS } from '../running-parts.ts';

interface Options {
  readonly live?: true;
  readonly timeout: number;
}

/** `tallygate health`: one request to a running part's health endpoint; the exit code is the answer (for containers). */
export function health(): Command {
  return new Command('health')
    .description('Ask a running gateway, backend or worker whether it is ready. Exit code 0: yes, 1: no.')
    .argument('[part]', `${PARTS.join(', ')}, or a URL such as http://127.0.0.1:8090`, 'gateway')
    .option('--live', 'ask only whether the process is alive')
    .option('--timeout <ms>', 'longest wait for the answer', milliseconds, 2000)
    .action(async (part: string, options: Options) => {
      const url = new URL(options.live === true ? '/health/live' : '/health/ready', addressOf(part, process.env));
      const answer = await askHealth(url, options.timeout);
      console.log(`${url.host}: ${answer.summary}`);
      process.exitCode = answer.ok ? 0 : 1;
    });
}
