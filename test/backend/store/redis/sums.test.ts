import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sums } from '../../../../backend/store/redis/sums.ts';

test('amounts of one name and direction are summed, however many names there are', () => {
  const addition = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.bigInt({ min: -5n, max: 5n }));
  fc.assert(
    fc.property(fc.array(addition, { maxLength: 200 }), (additions) => {
      const sums = new Sums();
      const expected = new Map<string, bigint>();
      for (const [metric, use] of additions) {
        sums.add(`metric-${metric}`, use, use, metric);
        const id = `metric-${metric}${use < 0n ? ' falls' : ''}`;
        expected.set(id, (expected.get(id) ?? 0n) + use);
      }
      const found = sums.list.map(({ name, use, take }) => [`${name}${use < 0n ? ' falls' : ''}`, use, take]);
      expect(found).toEqual([...expected].map(([id, sum]) => [id, sum, sum]));
    }),
  );
});
