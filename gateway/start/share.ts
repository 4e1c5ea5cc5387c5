/** A worker's share of a bound that holds for the whole gateway; never less than 1. */
export function shareOf(bound: number, workers: number): number {
  return Math.max(1, Math.floor(bound / workers));
}
