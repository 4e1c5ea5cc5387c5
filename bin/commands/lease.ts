import { Command } from 'commander';
import { callInternalApi, internalApiSettings, isRecord } from '../internal-api.ts';

/** `tallygate lease list | release | check`: what gateways hold of the limits. */
export function lease(): Command {
  const command = new Command('lease')
    .description('See what gateways hold of the limits, and whether the limits agree with the counts.')
    .addHelpText('after', '\nBACKEND_URL, INTERNAL_API_USER and INTERNAL_API_PASSWORD as for tallygate apply.');
  command.addCommand(
    new Command('list')
      .description('list the leases that are open, as last told, and what is held by gateways that are gone')
      .option('--all', 'also those that were closed within the last minutes')
      .action(list),
  );
  command.addCommand(
    new Command('release')
      .description('close the leases of a gateway that is gone and whose journal is lost; what it held counts as taken')
      .argument('<epoch>', 'as lease list shows it')
      .action(release),
  );
  command.addCommand(
    new Command('check')
      .description('compare what the limits have taken with what was used; equal when nothing is leased or under way')
      .argument('<service>', 'id of the service')
      .action(check),
  );
  return command;
}

async function list({ all }: { readonly all?: true }): Promise<void> {
  let open = 0;
  let unspent = 0;
  let stranded = 0;
  for await (const page of pages('/leases/')) {
    for (const each of listOf(page, 'leases')) {
      if (each['final'] === true && all !== true) continue;
      const who = line(each, ['epoch', 'number', 'service', 'application', 'metric']);
      const units = `used ${line(each, ['used'])} of ${line(each, ['ceiling'])}`;
      const window = `${moment(each['start'])} to ${moment(each['end'])}`;
      console.log(`${who} ${units} in ${window}${stateOf(each)}`);
      if (each['final'] === true) continue;
      const left = Math.max(0, Number(each['ceiling']) - Number(each['used']));
      open += 1;
      unspent += left;
      if (each['living'] === false) stranded += left;
    }
  }
  console.log(`${open} open leases, ${unspent} units unspent, ${stranded} of them with gateways that are gone`);
}

function stateOf({ final, living }: Fields): string {
  if (final === true) return ' closed';
  return living === false ? ' gateway gone' : '';
}

async function release(epoch: string): Promise<void> {
  const answer = await call('DELETE', `/leases/${encodeURIComponent(epoch)}`);
  console.log(`released ${isRecord(answer) ? String(answer['released']) : 0} leases`);
}

async function check(service: string): Promise<void> {
  let counters = 0;
  let unequal = 0;
  for await (const page of pages(`/leases/check/${encodeURIComponent(service)}`)) {
    counters += Number(page['counters']);
    for (const each of listOf(page, 'unequal')) {
      unequal += 1;
      const where = line(each, ['application', 'metric', 'period']);
      console.log(`${where}: taken ${line(each, ['taken'])}, used ${line(each, ['used'])}`);
    }
  }
  console.log(`${counters} limited counters, ${unequal} of them with another amount taken than used`);
  if (unequal > 0) {
    console.error('while gateways are at work this is what they hold or have not reported yet; at rest it must be 0');
    process.exitCode = 1;
  }
}

type Fields = Readonly<Record<string, unknown>>;

async function* pages(path: string): AsyncGenerator<Fields> {
  for (let cursor: unknown = null; ;) {
    const query = typeof cursor === 'string' ? `?cursor=${encodeURIComponent(cursor)}` : '';
    const page = await call('GET', path + query);
    if (!isRecord(page)) return;
    yield page;
    cursor = page['cursor'];
    if (typeof cursor !== 'string') return;
  }
}

function listOf(page: Fields, name: string): readonly Fields[] {
  const items = page[name];
  return Array.isArray(items) ? items.filter(isRecord) : [];
}

function call(method: 'GET' | 'DELETE', path: string): Promise<unknown> {
  return callInternalApi(internalApiSettings(process.env), method, path);
}

function moment(at: unknown): string {
  return typeof at === 'number' ? new Date(at).toISOString().slice(0, 19) : '?';
}

function line(fields: Fields, names: readonly string[]): string {
  return names.map((name) => String(fields[name])).join(' ');
}
