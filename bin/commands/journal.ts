import { Command } from 'commander';
import { seconds } from '../option-values.ts';

/** `tallygate journal`: looks at what a gateway journalled, and delivers what was left. */
export function journal(): Command {
  return new Command('journal')
    .description('Look at the journal of a gateway, or deliver what is left in it.')
    .addCommand(inspect())
    .addCommand(replay());
}

function inspect(): Command {
  return new Command('inspect')
    .description('Show the epochs, segments and set-aside usage in a journal. Changes nothing.')
    .argument('[folder]', 'folder of the journal (JOURNAL_DIR, else ./data/journal)')
    .option('--json', 'print one JSON object')
    .action(async (folder: string | undefined, options: { readonly json?: true }) => {
      const { showJournal } = await import('../journal/inspect.ts');
      await showJournal(folder ?? process.env['JOURNAL_DIR'] ?? './data/journal', options.json === true);
    });
}

interface ReplayFlags {
  readonly uncertain?: true;
  readonly rejected?: true;
  readonly copies?: true;
  readonly timeout: number;
}

function replay(): Command {
  return new Command('replay')
    .description('Deliver the journals of processes that died. Reads the settings of the gateway from the environment.')
    .argument('[folder]', 'folder of the journal (JOURNAL_DIR, else ./data/journal)')
    .option('--uncertain', 'also send what may have been counted already: it may then count twice')
    .option('--rejected', 'also send again what the backend did not want')
    .option(
      '--copies',
      'also take over journals that were copied here or are of another machine, whose process is gone',
    )
    .option('--timeout <seconds>', 'longest time for the delivery', seconds, 600)
    .action(async (folder: string | undefined, flags: ReplayFlags) => {
      const { deliverJournal } = await import('../journal/replay.ts');
      process.exitCode = await deliverJournal(folder ?? null, flags, process.env);
    });
}
