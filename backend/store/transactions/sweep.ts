import type { Retention } from '../windows.ts';
import { sweepMarks } from './apply.ts';
import { sweepLeases, sweepLiving } from './lease-queries.ts';
import { sweepFlags } from './logs.ts';
import { COMMON } from './runner.ts';
import type { Horizon, Runner } from './runner.ts';
import { sweepWindows } from './statistics.ts';

/** Deletes what has expired; Redis does this by itself. */
export async function sweep(runner: Runner, retention: Retention, horizon: Horizon, now: number): Promise<void> {
  const until = horizon.until(now);
  for (let shard = 0; shard < runner.shards; shard++) {
    await runner.write(shard, (cells) => {
      sweepWindows(cells, retention, until);
      sweepMarks(cells, now);
      sweepLeases(cells, until);
    });
  }
  await runner.write(COMMON, (cells) => {
    sweepFlags(cells, now);
    sweepLiving(cells, until);
  });
}
