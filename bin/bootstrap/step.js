import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** How often to look whether our parent is still there, ms. */
const PARENT_INTERVAL = 500;

/** Runs one program to its end. When it fails, or we are told to stop, or our parent disappears, this process ends too. */
export async function runStep(cwd, program, args) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', process.stderr, process.stderr] });
  const parent = process.ppid;
  const stop = (signal) => {
    child.kill(signal);
    process.exit(128 + constants.signals[signal]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const watch = setInterval(() => process.ppid === parent || stop('SIGTERM'), PARENT_INTERVAL);
  for (const signal of signals) process.on(signal, stop);
  const problem = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? null : `ended with ${code ?? signal}`));
  });
  clearInterval(watch);
  for (const signal of signals) process.off(signal, stop);
  if (problem === null) return;
  console.error(`tallygate: ${program} ${args.join(' ')} ${problem}`);
  process.exit(1);
}
