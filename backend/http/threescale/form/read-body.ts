import type { IncomingMessage } from 'node:http';
import { FormSyntaxError, MAX_FORM_BYTES } from './form.ts';

/**
 * A body that is too large is read to its end up to this many bytes, and dropped: a client that is cut off while it
 * sends does not see the answer.
 */
const MAX_DRAINED_BYTES = 4 * MAX_FORM_BYTES;

/** Reads a whole body. Throws FormSyntaxError when it is larger than MAX_FORM_BYTES. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_DRAINED_BYTES) break;
    if (size <= MAX_FORM_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > MAX_FORM_BYTES) throw new FormSyntaxError(`the form is larger than ${MAX_FORM_BYTES} bytes`);
  return Buffer.concat(chunks);
}
