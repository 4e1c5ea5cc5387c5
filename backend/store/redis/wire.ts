import { Command } from 'ioredis';

/**
 * Arguments of a command as they are sent (RESP: `$`, bytes, the text). What comes again in every call is encoded once
 * and put together: the client library would look at each argument of each call.
 */
export interface Arguments {
  readonly count: number;
  readonly text: string;
}

export const NO_ARGUMENTS: Arguments = { count: 0, text: '' };

export function encodeArguments(parts: readonly (string | number)[]): Arguments {
  let text = '';
  for (const part of parts) text += encodeArgument(String(part));
  return { count: parts.length, text };
}

export function joinArguments(...parts: readonly Arguments[]): Arguments {
  let count = 0;
  let text = '';
  for (const part of parts) {
    count += part.count;
    text += part.text;
  }
  return { count, text };
}

/** Arguments that are added one by one. */
export class ArgumentsBuilder implements Arguments {
  count = 0;
  text = '';

  add(part: string): void {
    this.count += 1;
    this.text += encodeArgument(part);
  }

  append({ count, text }: Arguments): void {
    this.count += count;
    this.text += text;
  }

  /** A text of so many bytes in UTF-8. */
  sized(part: string, bytes: number): void {
    this.count += 1;
    this.text += `$${bytes}\r\n${part}\r\n`;
  }

  integer(part: bigint): void {
    if (part >= 0n && part < SMALL_NUMBERS) this.number(Number(part));
    else this.add(part.toString());
  }

  /** A whole number from 0. */
  number(part: number): void {
    this.count += 1;
    this.text += encodeCount(part).text;
  }
}

/** One argument. */
export function encodeArgument(text: string): string {
  return `$${bytesOf(text)}\r\n${text}\r\n`;
}

/** Longer texts are measured by the runtime. */
const SHORT = 48;

function bytesOf(text: string): number {
  if (text.length > SHORT) return Buffer.byteLength(text);
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}

/** Small numbers come all the time. */
const SMALL_NUMBERS = 1_024;
const numbers: readonly string[] = Array.from({ length: SMALL_NUMBERS }, (_, number) => encodeArgument(String(number)));

/** A whole number from 0, as one argument. */
export function encodeCount(count: number): Arguments {
  return { count: 1, text: numbers[count] ?? encodeArgument(String(count)) };
}

/** A command whose arguments are encoded already. */
export class EncodedCommand extends Command {
  readonly #text: string;

  constructor(name: string, args: Arguments) {
    super(name, [], { replyEncoding: 'utf8' });
    this.#text = `*${args.count + 1}\r\n${encodeArgument(name)}${args.text}`;
  }

  override toWritable(): string {
    return this.#text;
  }
}
