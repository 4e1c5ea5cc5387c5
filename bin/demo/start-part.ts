import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../usage-error.ts';
import type { PartMessage } from './part.ts';

export type PartName = 'app' | 'redis' | 'backend' | 'worker' | 'gateway';
type Ports = Readonly<Record<string, number>>;

/** A part of the demo in a process of its own. */
export interface Part {
  readonly name: PartName;
  /** The ports, once it listens; rejects with a UsageError that says why it does not. */
  readonly started: Promise<Ports>;
  readonly exited: Promise<void>;
  /** Tells it to stop in good order, and waits. */
  stop(): Promise<void>;
  kill(): void;
}

/**
 * Starts a part. Its process leads a group of its own, so that Ctrl-C reaches the demo alone and the parts stop in
 * order; it ends by itself when the demo does. `portOptions` names the option that chooses a port, for the message
 * when that one is in use.
 */
export function startPart(
  name: PartName,
  env: Readonly<Record<string, string>>,
  portOptions: Readonly<Record<number, string>>,
): Part {
  const file = fileURLToPath(new URL('part.js', import.meta.url));
  const child = fork(file, [name], {
    env: { ...inherited(), ...env },
    detached: true,
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  });
  const exited = once(child, 'exit').then(() => {});
  return {
    name,
    exited,
    started: Promise.race([firstMessage(child), exited]).then((message) => portsOf(name, message, portOptions)),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (child.connected) child.send({ kind: 'stop' }, () => {});
      await exited;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function firstMessage(child: ChildProcess): Promise<PartMessage> {
  return new Promise((resolve) => child.once('message', (message: PartMessage) => resolve(message)));
}

function portsOf(name: PartName, message: PartMessage | void, portOptions: Readonly<Record<number, string>>): Ports {
  if (message === undefined) throw new UsageError(`the ${name} ended before it was ready; its log is above`);
  if (message.kind === 'started') return message.ports;
  if (message.code !== 'EADDRINUSE') throw new UsageError(`the ${name} did not start: ${message.reason}`);
  const remedy = `stop what uses it, or choose another with ${portOptions[message.port] ?? 'another option'} PORT (0: any free one)`;
  throw new UsageError(`port ${message.port} is in use, and the ${name} needs it: ${remedy}`);
}

/** Of the user's environment, only what finds programs and tunes Node.js: settings come from the demo. */
function inherited(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS']) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
