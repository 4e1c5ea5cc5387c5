import type { DecideReply, DecideRequest } from '../store.ts';
import type { Cells } from './cells.ts';
import { Ledger } from './counter-cells.ts';
import { isFrozen } from './fence.ts';
import type { Fence } from './fence.ts';

/** A direct decision (protocol R17): every bound must hold after the additions; then, if asked for, all are counted. Twin: scripts/decide.lua. */
export function decide(cells: Cells, request: DecideRequest, fence: Fence): DecideReply {
  const frozen = isFrozen(cells, fence, request.at);
  const ledger = new Ledger(cells, request.service, request.application, request.at);
  const values = [...request.bounds, ...request.reads].map(({ metric, period }) => ledger.reckoned(metric, period));
  for (const { metric, amount, set } of request.additions) {
    if (set) ledger.replace(metric, amount);
    else ledger.add(metric, amount, amount);
  }
  const held = request.bounds.every(({ metric, period, max }) => ledger.reckoned(metric, period) <= max);
  if (!held || !request.count) return { admitted: held, frozen, overflow: false, values };
  if (frozen && request.bounds.length > 0) return { admitted: false, frozen, overflow: false, values };
  for (const code of request.codes) ledger.addCode(code, 1n);
  if (!ledger.overflows) ledger.commit();
  return { admitted: !ledger.overflows, frozen, overflow: ledger.overflows, values };
}
