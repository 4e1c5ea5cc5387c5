import type { Command } from 'commander';
import { health } from './health.ts';

/** Every command of `tallygate`, in the order of the help text. */
export const commands: readonly (() => Command)[] = [health];
