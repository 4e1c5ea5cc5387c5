import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextShown, roundedDown } from '../../../../gateway/authorization/leased/headers.ts';

const units = fc.oneof(fc.integer({ min: -1000, max: 5000 }), fc.integer({ min: 0, max: 2 ** 40 }));

test('the number shown is never more than is left, and at most a 64th less', () => {
  fc.assert(
    fc.property(units, (remaining) => {
      const shown = roundedDown(remaining);
      expect(shown).toBeLessThanOrEqual(Math.max(0, remaining));
      if (remaining > 0 && remaining < 1e15) expect(shown).toBeGreaterThanOrEqual(remaining * (1 - 1 / 64));
    }),
  );
});

test('the same number is shown from itself up to the next one, and no further', () => {
  fc.assert(
    fc.property(units, (remaining) => {
      const shown = roundedDown(remaining);
      const next = nextShown(shown);
      expect(roundedDown(shown)).toBe(shown);
      expect(remaining).toBeLessThan(next);
      if (next === Infinity) return;
      expect(roundedDown(next - 1)).toBe(shown);
      expect(roundedDown(next)).toBe(next);
    }),
  );
});
