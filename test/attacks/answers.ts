/** One response as a client reads it. */
export interface Answer {
  /** 0: what came is no response. */
  readonly status: number;
  /** The start of what is no response. */
  readonly junk: string;
  readonly interim: boolean;
  readonly body: string;
  /** `close`: complete only because the connection ended. */
  readonly complete: boolean | 'close';
}

/** Reads the responses of one connection; `methods`: those of its requests, in order. */
export function readAnswers(bytes: Buffer, methods: readonly string[]): Answer[] {
  const answers: Answer[] = [];
  let rest = bytes;
  let final = 0;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
    const match = /^HTTP\/1\.[01] (\d{3})/.exec(head[0] ?? '');
    if (match === null) {
      answers.push({
        status: 0,
        junk: rest.toString('latin1').slice(0, 60),
        interim: false,
        body: '',
        complete: false,
      });
      break;
    }
    const status = Number(match[1]);
    rest = rest.subarray(end + 4);
    if (status < 200 && status !== 101) {
      answers.push({ status, junk: '', interim: true, body: '', complete: true });
      continue;
    }
    const bodyless = methods[final++] === 'HEAD' || status === 204 || status === 304 || status === 101;
    const body = bodyless ? { text: '', complete: true, rest } : readBody(head, rest);
    rest = body.rest;
    answers.push({ status, junk: '', interim: false, body: body.text, complete: body.complete });
  }
  return answers;
}

interface Body {
  readonly text: string;
  readonly complete: boolean | 'close';
  readonly rest: Buffer;
}

function readBody(head: readonly string[], bytes: Buffer): Body {
  const value = (name: string): string | undefined =>
    head
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  if (value('transfer-encoding') !== undefined) return readChunks(bytes);
  const length = value('content-length');
  if (length === undefined)
    return { text: bytes.toString('latin1'), complete: 'close', rest: bytes.subarray(bytes.length) };
  const count = Number(length);
  const text = bytes.subarray(0, count).toString('latin1');
  return { text, complete: bytes.length >= count, rest: bytes.subarray(count) };
}

function readChunks(bytes: Buffer): Body {
  let text = '';
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = end < 0 ? Number.NaN : Number.parseInt(rest.subarray(0, end).toString('latin1'), 16);
    if (!(size >= 0)) return { text, complete: false, rest };
    if (size === 0) {
      const last = rest.indexOf('\r\n\r\n', end);
      return { text, complete: true, rest: rest.subarray(last < 0 ? end + 4 : last + 4) };
    }
    if (rest.length < end + 2 + size + 2) return { text, complete: false, rest: rest.subarray(rest.length) };
    text += rest.subarray(end + 2, end + 2 + size).toString('latin1');
    rest = rest.subarray(end + 4 + size);
  }
}
