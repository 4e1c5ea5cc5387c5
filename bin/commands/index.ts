import type { Command } from 'commander';
import { backend } from './backend.ts';
import { gateway } from './gateway.ts';
import { health } from './health.ts';
import { init } from './init.ts';
import { status } from './status.ts';

/** Every command of `tallygate`, in the order of the help text. */
export const commands: readonly (() => Command)[] = [gateway, backend, init, status, health];
