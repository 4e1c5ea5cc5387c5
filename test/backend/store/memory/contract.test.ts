import { createMemoryStore } from '../../../../backend/store/memory/store.ts';
import { storeContract } from '../../../contract/store.ts';
import { NOON } from '../../../contract/store/requests.ts';
import { TestClock } from '../../../harness/clock.ts';

storeContract(async () => {
  const clock = new TestClock(NOON);
  return { clock, store: createMemoryStore({ clock }) };
});
