import fc from 'fast-check';
import { Command } from 'ioredis';
import { expect, test } from 'vitest';
import {
  ArgumentsBuilder,
  EncodedCommand,
  encodeArguments,
  joinArguments,
} from '../../../../backend/store/redis/wire.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 45, maxLength: 52 }),
  fc.integer().map(String),
);

test('a command is sent byte for byte as the client library would send it', () => {
  fc.assert(
    fc.property(fc.array(text), (parts) => {
      const expected = Buffer.from(new Command('EVALSHA', parts).toWritable({}));
      const sent = Buffer.from(new EncodedCommand('EVALSHA', encodeArguments(parts)).toWritable());
      expect(sent.equals(expected)).toBe(true);
    }),
  );
});

test('joined arguments are those of the parts in turn', () => {
  fc.assert(
    fc.property(fc.array(text), fc.array(text), (first, second) => {
      const joined = joinArguments(encodeArguments(first), encodeArguments(second));
      expect(joined).toEqual(encodeArguments([...first, ...second]));
    }),
  );
});

test('arguments added one by one are the same as all at once', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, fc.nat(2_000))), (parts) => {
      const builder = new ArgumentsBuilder();
      for (const part of parts) {
        if (typeof part === 'number') builder.number(part);
        else builder.add(part);
      }
      expect({ count: builder.count, text: builder.text }).toEqual(encodeArguments(parts));
    }),
  );
});

test('a 64-bit integer is its decimal text', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.bigInt({ min: -5n, max: 2_000n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      (value) => {
        const builder = new ArgumentsBuilder();
        builder.integer(value);
        expect(builder.text).toBe(encodeArguments([value.toString()]).text);
      },
    ),
  );
});
