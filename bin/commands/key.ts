import { Command } from 'commander';
import { callInternalApi, internalApiSettings, isRecord } from '../internal-api.ts';
import { UsageError } from '../usage-error.ts';

interface Options {
  readonly service: string;
  readonly application: string;
  readonly expires?: string;
  readonly overlap: string;
}

/** `tallygate key create | rotate | revoke`: the keys of an application. */
export function key(): Command {
  const command = new Command('key')
    .description('Make, rotate and revoke keys of an application. A new key is printed once.')
    .addHelpText('after', '\nBACKEND_URL, INTERNAL_API_USER and INTERNAL_API_PASSWORD as for tallygate apply.');
  command.addCommand(
    forApplication('create', 'make a key and print it')
      .option('--expires <duration>', 'how long it is valid, such as 90d; without: until it is revoked')
      .action(create),
  );
  command.addCommand(
    forApplication('rotate', 'make a key and print it; the others end after the overlap')
      .option('--overlap <duration>', 'how long the others stay valid', '24h')
      .action(rotate),
  );
  command.addCommand(forApplication('revoke', 'revoke a key').argument('<key>', 'the key').action(revoke));
  return command;
}

function forApplication(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--service <id>', 'service')
    .requiredOption('--application <id>', 'application');
}

async function create(options: Options): Promise<void> {
  const expires = options.expires === undefined ? {} : { expires_in: seconds(options.expires, '--expires') };
  printKey(await call('POST', options, '', { application_key: expires }));
}

async function rotate(options: Options): Promise<void> {
  const answer = await call('POST', options, 'rotate', { expires_in: seconds(options.overlap, '--overlap') });
  printKey(answer);
  if (isRecord(answer)) console.error(`the other keys end at ${String(answer['others_expire'])}`);
}

async function revoke(value: string, options: Options): Promise<void> {
  await call('DELETE', options, encodeURIComponent(value));
  console.error('revoked; every backend knows within a second, every gateway within its AUTHS_TTL');
}

function call(method: 'POST' | 'DELETE', options: Options, path: string, body?: unknown): Promise<unknown> {
  const { service, application } = options;
  const prefix = `/services/${encodeURIComponent(service)}/applications/${encodeURIComponent(application)}/keys/`;
  return callInternalApi(internalApiSettings(process.env), method, prefix + path, body);
}

function printKey(answer: unknown): void {
  const created = isRecord(answer) ? answer['application_key'] : null;
  console.log(isRecord(created) ? String(created['value']) : '');
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function seconds(duration: string, flag: string): number {
  const [, amount, unit = ''] = /^(\d{1,9})([smhd])$/.exec(duration) ?? [];
  if (amount === undefined) throw new UsageError(`${flag} ${duration}: use a number with s, m, h or d, such as 24h`);
  return Number(amount) * (UNITS[unit] ?? 1);
}
