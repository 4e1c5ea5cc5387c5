import type { Command } from 'commander';
import { backend } from './backend.ts';
import { check } from './check.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { explain } from './explain.ts';
import { gateway } from './gateway.ts';
import { health } from './health.ts';
import { importCommand } from './import.ts';
import { init } from './init.ts';
import { status } from './status.ts';
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
  doctor,
  status,
  health,
];
