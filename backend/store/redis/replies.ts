import { StoreUnavailable } from '../store.ts';

/** Reads of replies, whose types Redis fixes. What is not of the type is an outage, not a crash. */
export function texts(reply: unknown): readonly (string | null)[] {
  if (!Array.isArray(reply)) throw unexpected(reply);
  return reply.map((item: unknown) => (item === null ? null : text(item)));
}

export function text(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  if (typeof reply === 'number') return String(reply);
  throw unexpected(reply);
}

export function number(reply: unknown): number {
  const value = Number(reply);
  if (Number.isFinite(value)) return value;
  throw unexpected(reply);
}

export function list(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw unexpected(reply);
  return reply;
}

function unexpected(reply: unknown): StoreUnavailable {
  return new StoreUnavailable(
    'error',
    `Redis gave an answer that it should not: ${JSON.stringify(reply).slice(0, 100)}`,
  );
}
