/** One character per byte: how heads and small bodies are held, so that nothing is decoded or encoded on the way. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
