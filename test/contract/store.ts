import { describe } from 'vitest';
import { countersContract } from './store/counters.ts';
import { batchesContract } from './store/batches.ts';
import { documentsContract } from './store/documents.ts';
import { leasesContract } from './store/leases.ts';
import { logsContract } from './store/logs.ts';
import type { OpenStore } from './store/open.ts';
import { statisticsContract } from './store/statistics.ts';

/** The behaviour that every implementation of Store has. `open` answers an empty store for each test; the caller closes it. */
export function storeContract(open: () => Promise<OpenStore>): void {
  describe('documents', () => {
    documentsContract(open);
  });
  describe('logs', () => {
    logsContract(open);
  });
  describe('direct decisions', () => {
    countersContract(open);
  });
  describe('batches', () => {
    batchesContract(open);
  });
  describe('statistics', () => {
    statisticsContract(open);
  });
  describe('leases', () => {
    leasesContract(open);
  });
}
