import { connect } from 'node:net';
import { systemClock } from '../../shared/clock.ts';

/** One connection's whole life. */
export interface Conversation {
  readonly port: number;
  /** What is sent at once. */
  readonly bytes: Buffer;
  /** Status that the answer must have; null: none is waited for. */
  readonly status: number | null;
  /** When the client is gone: at the end of the answer, at its first bytes, or after some ms without waiting. */
  readonly leave: 'end' | 'first bytes' | number;
}

const TIMEOUT_MS = 10_000;

/** What went wrong, or null. */
export function converse({ port, bytes, status, leave }: Conversation): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let head = '';
    const finish = (fault: string | null): void => {
      timer.cancel();
      socket.destroy();
      resolve(fault);
    };
    const judge = (): string | null =>
      status === null || head.startsWith(`HTTP/1.1 ${status} `) ? null : `${status} expected, got ${head || 'nothing'}`;
    const timer =
      typeof leave === 'number'
        ? systemClock.after(leave, () => finish(null))
        : systemClock.after(TIMEOUT_MS, () => finish('no end within 10 s'));
    socket.on('data', (chunk) => {
      if (head.length < 16) head += chunk.latin1Slice(0, 16);
      if (leave === 'first bytes') finish(judge());
    });
    socket.on('error', (error) => finish(error.message));
    socket.on('end', () => finish(judge()));
    socket.on('close', () => finish(judge()));
    socket.write(bytes);
  });
}
