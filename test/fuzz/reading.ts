/** What a parser made of one input: compared between parsers. All text is latin1. */
export interface ReadMessage {
  /** `GET /x` or `200`. */
  readonly start: string;
  /** `name: value` of each field, in order. */
  readonly fields: readonly string[];
  body: string;
  complete: boolean;
}

export interface Reading {
  readonly messages: ReadMessage[];
  /** What we would send on is not canonical: why. */
  written: string | null;
  refused: boolean;
}

export function emptyReading(): Reading {
  return { messages: [], written: null, refused: false };
}

/**
 * How `ours` is more than `theirs`: a message that they refused, or that they read otherwise. Null: all that we
 * accepted they accepted too, with the same method, target, fields, framing and body.
 */
export function difference(ours: Reading, theirs: Reading): string | null {
  if (ours.written !== null) return `sent on: ${ours.written}`;
  for (const [i, mine] of ours.messages.entries()) {
    const other = theirs.messages[i];
    if (other === undefined) return `message ${i} accepted here, refused there: ${mine.start}`;
    if (mine.start !== other.start) return `message ${i}: ${mine.start} here, ${other.start} there`;
    if (mine.fields.join('\n') !== other.fields.join('\n')) return `message ${i}: other fields`;
    if (mine.complete) {
      if (!other.complete) return `message ${i}: complete here, not there`;
      if (mine.body !== other.body)
        return `message ${i}: body ${JSON.stringify(mine.body)} here, ${JSON.stringify(other.body)} there`;
    } else if (!other.body.startsWith(mine.body)) {
      return `message ${i}: body begins ${JSON.stringify(mine.body)} here, ${JSON.stringify(other.body)} there`;
    }
  }
  return null;
}
