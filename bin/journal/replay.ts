import { replayJournal, type ReplayReport } from '../../gateway/authorization/replay.ts';
import { readConfiguration } from '../../gateway/config/read.ts';
import { authorizationSettings } from '../../gateway/start/authorization-settings.ts';
import { systemClock } from '../../shared/clock.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import { createLogger } from '../../shared/log.ts';
import { UsageError } from '../usage-error.ts';

interface Flags {
  readonly uncertain?: true;
  readonly rejected?: true;
  readonly copies?: true;
  /** Seconds. */
  readonly timeout: number;
}

/** Delivers what is left in a journal; the exit code: 0 when nothing is left. */
export async function deliverJournal(folder: string | null, flags: Flags, env: EnvironmentMap): Promise<number> {
  const { settings, services } = readConfiguration(env);
  const usage = authorizationSettings(settings, 1);
  const journal = { ...usage.journal, directory: folder ?? usage.journal.directory };
  const log = createLogger('journal', settings.logLevel);
  const options = {
    uncertain: flags.uncertain === true,
    rejected: flags.rejected === true,
    deadlineMs: flags.timeout * 1000,
  };
  const report = await replayJournal(
    { ...usage, journal, takeCopies: flags.copies === true },
    { clock: systemClock, log, services: () => services },
    options,
  ).catch((error: unknown) => {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  });
  console.log(linesOf(report).join('\n'));
  return report.left.segments === 0 ? 0 : 1;
}

function linesOf({ epochs, uncertain, rejected, results, left }: ReplayReport): string[] {
  const outcomes = [...results].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  return [
    `taken over: ${epochs} journals of dead processes`,
    ...(uncertain.files === 0 ? [] : [`uncertain: ${uncertain.units} units of ${uncertain.files} files are sent`]),
    ...(rejected.files === 0 ? [] : [`rejected: ${rejected.units} units of ${rejected.files} files are sent again`]),
    `deliveries: ${outcomes === '' ? 'none' : outcomes}`,
    left.segments === 0 ? 'nothing is left' : `left: ${left.segments} segments, ${left.units} units`,
  ];
}
