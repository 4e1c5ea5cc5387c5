declare global {
  interface Buffer {
    /** What `toString('latin1', start, end)` calls; directly, since it is called several times for each request. */
    latin1Slice(start: number, end: number): string;
  }
}

/** One character per byte: how heads and small bodies are held, so that nothing is decoded or encoded on the way. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return bytes.latin1Slice(start, end);
}
