import type { Command } from 'commander';
import { apply } from './apply.ts';
import { backend } from './backend.ts';
import { check } from './check.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { explain } from './explain.ts';
import { exportCommand } from './export.ts';
import { gateway } from './gateway.ts';
import { health } from './health.ts';
import { importCommand } from './import.ts';
import { init } from './init.ts';
import { journal } from './journal.ts';
import { key } from './key.ts';
import { lease } from './lease.ts';
import { status } from './status.ts';
import { store } from './store.ts';
import { worker } from './worker.ts';

/** Every command of `tallygate`, in the order of the help text. */
export const commands: readonly (() => Command)[] = [
  demo,
  gateway,
  backend,
  worker,
  init,
  check,
  explain,
  importCommand,
  apply,
  exportCommand,
  key,
  doctor,
  journal,
  lease,
  store,
  status,
  health,
];
