import {
  inspectJournal,
  type InspectedEpoch,
  type InspectedJournal,
  type InspectedSegment,
} from '../../gateway/journal/inspect.ts';
import { systemClock } from '../../shared/clock.ts';
import { UsageError } from '../usage-error.ts';

/** Prints what is in a journal. */
export async function showJournal(directory: string, json: boolean): Promise<void> {
  const journal = await inspectJournal(directory, systemClock).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${directory} is not the folder of a journal: ${reason}`);
  });
  console.log(json ? JSON.stringify(journal) : linesOf(journal).join('\n'));
}

function linesOf({ directory, epochs, aside }: InspectedJournal): string[] {
  if (epochs.length === 0 && aside.length === 0) return [`${directory}: nothing is pending`];
  return [
    ...epochs.flatMap(epochLines),
    ...aside.map(({ reason, file, units }) => `aside      ${reason.padEnd(9)}  ${units} units  ${file}`),
  ];
}

function epochLines(epoch: InspectedEpoch): string[] {
  const units = epoch.segments.reduce((sum, segment) => sum + segment.units, 0);
  const open = `${epoch.openLeases} leases open, ${epoch.heldUnits} units held`;
  const host = epoch.host === null ? '' : ` on ${epoch.host}`;
  return [`${epoch.epoch}  ${epoch.state}${host}: ${epoch.segments.length} segments, ${units} units, ${open}`].concat(
    epoch.segments.map(segmentLine),
  );
}

function segmentLine({ sequence, state, bytes, units, firstMinute, damaged, tornBytes }: InspectedSegment): string {
  const since = firstMinute === null ? '' : ` since ${firstMinute}`;
  const damage = damaged === 0 ? '' : `, ${damaged} places cannot be read`;
  const torn = tornBytes === 0 || state === 'open' ? '' : `, ${tornBytes} bytes torn`;
  return `  ${String(sequence).padStart(10)}  ${state.padEnd(6)}  ${bytes} bytes, ${units} units${since}${damage}${torn}`;
}
