import type { Finding } from './fuzz.ts';

/** Differences that are meant: what we accept and llhttp refuses, or reads otherwise, and why that is safe. */
const EXPLAINED: readonly {
  readonly kind: RegExp;
  readonly what: RegExp;
  readonly input: RegExp;
  readonly reason: string;
}[] = [
  {
    kind: /^/,
    what: /refused there|complete here, not there/,
    input: /^content-length:[ \t]*0*([0-9]+)[ \t]*\r\n(?:[^\r\n]+\r\n)*content-length:[ \t]*0*\1[ \t]*\r\n/im,
    reason: 'the same Content-Length twice is one (RFC 9110 section 8.6); it is sent on once',
  },
  {
    kind: /^/,
    what: /refused there|complete here, not there|body/,
    input: /^(?:content-length|transfer-encoding|connection):[^\r\n]*\t[ \t]*\r\n/im,
    reason: 'white space after a value may be a tab (RFC 9110 section 5.6.3); it is not sent on',
  },
];

/** The reason for a difference; null: there is none, so it is a finding. */
export function explained(kind: Finding['kind'], what: string, input: string): string | null {
  const known = EXPLAINED.find((entry) => entry.kind.test(kind) && entry.what.test(what) && entry.input.test(input));
  return known?.reason ?? null;
}
