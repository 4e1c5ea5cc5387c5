import { Command } from 'commander';
import { callInternalApi, internalApiSettings, isRecord } from '../internal-api.ts';
import { UsageError } from '../usage-error.ts';

const HELP = `
A Redis that comes back empty, or without some of its parts, is an outage and not "every key is unknown": the backends
answer 503 until its data is restored. Where it cannot be, accept-loss lets a running backend mark what is there as the
store again. What was lost stays lost: services, applications and plans (apply them again), counts, and what limits had
taken. Gateways then say what they hold, send again what was counted within the last 60 s, and no limit grants anything
in the lost parts for 3 s. No other backend needs a restart.

BACKEND_URL, INTERNAL_API_USER and INTERNAL_API_PASSWORD as for tallygate apply.`;

/** `tallygate store status | accept-loss`: whether the store is all there, and going on when it is not. */
export function store(): Command {
  const command = new Command('store')
    .description('See whether the store of a running backend is all there and grants limits; go on after a loss.')
    .addHelpText('after', HELP);
  command.addCommand(
    new Command('status')
      .description('what the backend says of its store; exit code 1 when it is not ready')
      .action(status),
  );
  command.addCommand(
    new Command('accept-loss')
      .description('go on with what is there; what is missing is lost for good')
      .option('--yes', 'required: nothing brings back what is accepted as lost')
      .action(acceptLoss),
  );
  return command;
}

async function status(): Promise<void> {
  const answer = await callInternalApi(internalApiSettings(process.env), 'GET', '/store/');
  if (!isRecord(answer)) throw new UsageError('the backend gives no account of its store: is it an older version?');
  console.log(`${String(answer['kind'])}: ${answer['ready'] === true ? 'ready' : String(answer['problem'])}`);
  console.log(`limits: ${String(answer['limits'])}: ${String(answer['limitsReason'])}`);
  if (answer['grantsHeld'] !== '') console.log(String(answer['grantsHeld']));
  if (answer['ready'] !== true) process.exitCode = 1;
}

async function acceptLoss({ yes }: { readonly yes?: true }): Promise<void> {
  if (yes !== true) throw new UsageError('what is missing will be lost for good: restore it, or say --yes');
  await callInternalApi(internalApiSettings(process.env), 'POST', '/store/accept_loss', {});
  console.log('accepted: the backend goes on with what is there');
}
