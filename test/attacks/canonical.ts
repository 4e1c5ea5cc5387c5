/** A request as the recorder read it. */
export interface RecordedRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [string, string])[];
  body: string;
}

export interface Framing {
  readonly request: RecordedRequest;
  readonly chunked: boolean;
  readonly length: number;
  readonly expectsContinue: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Reads a request head that must be canonical HTTP/1.1, so that no parser can read it in another way; else what is wrong. */
export function readCanonicalHead(text: string): Framing | string {
  const lines = text.split('\r\n');
  if (/[\r\n]/.test(lines.join(''))) return 'bare CR or LF in the head';
  const match = /^(\S+) (\S+) HTTP\/1\.([01])$/.exec(lines[0] ?? '');
  const [, method = '', target = '', minor = '1'] = match ?? [];
  if (!TOKEN.test(method)) return `bad request line ${JSON.stringify((lines[0] ?? '').slice(0, 80))}`;
  if (!/^(\/[\x21-\x7e]*|\*)$/.test(target)) return `target not in origin-form ${JSON.stringify(target.slice(0, 80))}`;
  const fields: [string, string][] = [];
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon < 0 || !TOKEN.test(line.slice(0, colon))) return `bad field name ${JSON.stringify(line.slice(0, 40))}`;
    const value = line.slice(colon + 1);
    if (hasControl(value)) return `control character in ${line.slice(0, colon)}`;
    fields.push([line.slice(0, colon).toLowerCase(), value.trim()]);
  }
  return readFraming({ method, target, fields, body: '' }, minor);
}

function readFraming(request: RecordedRequest, minor: string): Framing | string {
  const all = (name: string): string[] => request.fields.filter(([key]) => key === name).map(([, value]) => value);
  const lengths = all('content-length');
  const codings = all('transfer-encoding');
  if (all('host').length !== 1) return `${all('host').length} Host fields`;
  if (lengths.length > 1) return `${lengths.length} Content-Length fields`;
  if (codings.length > 1) return `${codings.length} Transfer-Encoding fields`;
  if (lengths.length + codings.length > 1) return 'Content-Length and Transfer-Encoding';
  if (lengths.length > 0 && !/^[0-9]{1,19}$/.test(lengths[0] ?? '')) return `Content-Length ${lengths[0]}`;
  if (codings.length > 0 && codings[0]?.toLowerCase() !== 'chunked') return `Transfer-Encoding ${codings[0]}`;
  if (codings.length > 0 && minor === '0') return 'Transfer-Encoding in HTTP/1.0';
  const expectsContinue = all('expect')[0]?.toLowerCase() === '100-continue';
  return { request, chunked: codings.length > 0, length: Number(lengths[0] ?? 0), expectsContinue };
}

function hasControl(value: string): boolean {
  return Buffer.from(value, 'latin1').some((byte) => (byte < 32 && byte !== 9) || byte === 127);
}

const FORBIDDEN_TRAILER =
  /^(content-length|transfer-encoding|host|authorization|x-sidecar-secret|x-forwarded-for|content-type|trailer|te|connection)$/i;

/** What is wrong with a trailer line, without its CRLF; null: nothing. */
export function trailerFault(line: string): string | null {
  const match = /^([^:\r\n]+):([^\r\n]*)$/.exec(line);
  const name = match?.[1] ?? '';
  if (!TOKEN.test(name)) return `bad trailer ${JSON.stringify(line.slice(0, 40))}`;
  return FORBIDDEN_TRAILER.test(name) ? `forbidden trailer ${name}` : null;
}
