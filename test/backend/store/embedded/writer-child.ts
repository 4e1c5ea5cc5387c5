import { writeSync } from 'node:fs';
import { createEmbeddedStore } from '../../../../backend/store/embedded/store.ts';
import { systemClock } from '../../../../shared/clock.ts';
import { entry, part, request } from '../../../contract/store/requests.ts';

/**
 * A process that counts as fast as it can and tells after each answer how much was answered: `decided N applied M` on
 * standard output. Argument: folder of the store.
 */
const [folder = ''] = process.argv.slice(2);
const { counters } = await createEmbeddedStore({ folder }, { clock: systemClock });
let decided = 0;
let applied = 0;

function tell(): void {
  writeSync(1, `decided ${decided} applied ${applied} end\n`);
}

async function decide(): Promise<never> {
  for (;;) {
    const { admitted } = await counters.decide(request({ at: systemClock.now(), application: 'decided' }));
    if (admitted) decided += 1;
    tell();
  }
}

async function apply(): Promise<never> {
  for (let sequence = 1; ; sequence++) {
    const batch = part(counters, sequence, [entry(1n, 1n, { at: systemClock.now(), application: 'applied' })], {
      floor: sequence,
    });
    const [reply] = await counters.apply([batch]);
    if (reply?.result === 'applied') applied += 1;
    tell();
  }
}

tell();
await Promise.all([decide(), decide(), apply()]);
