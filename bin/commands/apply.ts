import { Command } from 'commander';
import { callInternalApi, internalApiSettings, isRecord } from '../internal-api.ts';

interface Options {
  readonly dryRun: boolean;
  readonly prune: boolean;
  readonly schema: boolean;
}

/** `tallygate apply FILE`: services, metrics, plans, applications and keys as a file declares them. */
export function apply(): Command {
  return new Command('apply')
    .description('Make a backend as a file declares it: services, metrics, plans, limits, applications, keys.')
    .argument('[file]', 'YAML or JSON')
    .option('--dry-run', 'show what would change, and change nothing', false)
    .option('--prune', 'delete what the lists of the file do not name', false)
    .option('--schema', 'print the JSON Schema of the file instead', false)
    .addHelpText('after', HELP)
    .action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  if (options.schema) {
    const { declarationSchema } = await import('../../backend/configuration/declarative/schema.ts');
    console.log(JSON.stringify(declarationSchema, null, 2));
    return;
  }
  const { UsageError } = await import('../usage-error.ts');
  if (file === undefined) throw new UsageError('name the file: tallygate apply FILE');
  const { readDeclaration } = await import('../read-declaration.ts');
  const declaration = readDeclaration(file);
  const settings = internalApiSettings(process.env);
  const path = `/configuration?prune=${options.prune}`;
  const planned = await callInternalApi(settings, 'PUT', `${path}&dry_run=true`, declaration);
  const changes = changesIn(planned);
  for (const change of changes) console.log(change);
  if (changes.length === 0) console.log('nothing to change');
  if (options.dryRun || changes.length === 0) return;
  const applied = changesIn(await callInternalApi(settings, 'PUT', path, declaration));
  console.log(`applied ${applied.length === 1 ? '1 change' : `${applied.length} changes`}`);
}

function changesIn(answer: unknown): readonly string[] {
  const changes = isRecord(answer) ? answer['changes'] : null;
  if (!Array.isArray(changes)) return [];
  return changes.map((change: unknown) =>
    isRecord(change) ? `${String(change['sign'])} ${String(change['text'])}` : '',
  );
}

const HELP = `
The difference is shown first. A list that the file does not have is left as it is; with --prune a list that it has
is all that there is. Applying a file twice changes nothing the second time.

BACKEND_URL             the backend (http://127.0.0.1:3000)
INTERNAL_API_USER, INTERNAL_API_PASSWORD
                        its credentials, where it has some`;
