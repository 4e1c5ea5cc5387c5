import { FormSyntaxError, MAX_PARAMETERS } from './form.ts';
import type { FormMap, ParsedForm } from './form.ts';
import { insert } from './insert.ts';
import { splitName } from './name.ts';

const BOUNDARY = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;
const FIELD_NAME = /;\s*name="((?:[^"\\]|\\.)*)"/i;
const MAX_PART_HEAD = 16 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The boundary of a `multipart/form-data` content type (RFC 7578); null when it names none. */
export function boundaryOf(contentType: string): string | null {
  const found = BOUNDARY.exec(contentType);
  return found?.[1] ?? found?.[2] ?? null;
}

/**
 * Parses `multipart/form-data` into the same shape as a URL-encoded form. A part without a name is ignored. Throws
 * FormSyntaxError for a part that does not end and beyond the bounds of form.ts; the size is the caller's to check.
 */
export function parseMultipart(body: Buffer, boundary: string): ParsedForm {
  const values: FormMap = new Map();
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  let invalidEncoding = false;
  let count = 0;
  let start = body.indexOf(delimiter);
  while (start !== -1) {
    const head = start + delimiter.length;
    if (body[head] === 0x2d && body[head + 1] === 0x2d) break;
    const next = body.indexOf(delimiter, head);
    if (next === -1) throw new FormSyntaxError('a part of the multipart body does not end');
    if (++count > MAX_PARAMETERS) throw new FormSyntaxError(`there are more than ${MAX_PARAMETERS} parts`);
    if (!readPart(body.subarray(head, next), values)) invalidEncoding = true;
    start = next;
  }
  return { values, invalidEncoding };
}

/** False when the part is not UTF-8. */
function readPart(part: Buffer, values: FormMap): boolean {
  const headEnd = part.indexOf('\r\n\r\n');
  if (headEnd === -1 || headEnd > MAX_PART_HEAD) throw new FormSyntaxError('a part of the multipart body has no head');
  const head = decode(part.subarray(0, headEnd));
  const value = decode(part.subarray(headEnd + 4, Math.max(headEnd + 4, part.length - 2)));
  const name = head === null ? null : FIELD_NAME.exec(head)?.[1];
  if (name !== null && name !== undefined) insert(values, splitName(unescape(name)), value ?? '');
  return head !== null && value !== null;
}

function decode(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

function unescape(name: string): string {
  return name.replace(/\\(.)/g, '$1').replace(/%22/g, '"');
}
