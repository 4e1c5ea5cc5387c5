/** One application under its limit. */
export interface Row {
  readonly gateways: number;
  /** Units a minute. */
  readonly limit: number;
  /** Units asked for in each window as a multiple of the limit. */
  readonly demand: number;
  /** The n-th gateway gets 1/n^skew of what the first gets. */
  readonly skew: number;
  /** The limit from the middle of the first window on; null: it stays. */
  readonly change: number | null;
  /** A gateway is killed (-9) in the middle of the first window, and started again. */
  readonly kill: boolean;
}

const PLAIN = { skew: 1, change: null, kill: false };

/** What is measured when nothing is named: small limits, one and five gateways, demand a little and far above. */
const SHORT_TABLE: readonly Row[] = [
  { ...PLAIN, gateways: 1, limit: 1, demand: 10 },
  { ...PLAIN, gateways: 1, limit: 10, demand: 3 },
  { ...PLAIN, gateways: 1, limit: 1_000, demand: 1.2 },
  { ...PLAIN, gateways: 5, limit: 1, demand: 10 },
  { ...PLAIN, gateways: 5, limit: 10, demand: 3 },
  { ...PLAIN, gateways: 5, limit: 1_000, demand: 1.2 },
  { ...PLAIN, gateways: 5, limit: 1_000, demand: 3 },
  { ...PLAIN, gateways: 5, limit: 1_000, demand: 0.8 },
];

/** Those that are measured at once, with gateways of their own. */
export type Group = readonly Row[];

/** Small to large limits, demand a little and ten times above; then skew, plan changes, and a killed gateway. */
const FULL_TABLE: readonly Group[] = [
  ...[1, 5].flatMap((gateways) => [
    [1, 10, 1_000].flatMap((limit) => [1.2, 10].map((demand) => ({ ...PLAIN, gateways, limit, demand }))),
    [{ ...PLAIN, gateways, limit: 100_000, demand: 1.2 }],
    [{ ...PLAIN, gateways, limit: 100_000, demand: 10 }],
  ]),
  [
    { ...PLAIN, gateways: 5, limit: 1_000, demand: 3, skew: 0 },
    { ...PLAIN, gateways: 5, limit: 1_000, demand: 3, skew: 4 },
    { ...PLAIN, gateways: 5, limit: 100_000, demand: 3, skew: 4 },
    { ...PLAIN, gateways: 5, limit: 1_000, demand: 2, change: 500 },
    { ...PLAIN, gateways: 5, limit: 1_000, demand: 2, change: 1_500 },
    { ...PLAIN, gateways: 5, limit: 100_000, demand: 2, change: 10_000 },
  ],
  [1, 10, 1_000, 100_000].map((limit) => ({ ...PLAIN, gateways: 5, limit, demand: 3, kill: true })),
  // Alone, so that all waits are its own.
  [{ ...PLAIN, gateways: 1, limit: 1_000, demand: 0.8 }],
  [{ ...PLAIN, gateways: 5, limit: 1_000, demand: 0.8 }],
];

export const TABLES: ReadonlyMap<string, readonly Group[]> = new Map([
  ['short', [SHORT_TABLE]],
  ['full', FULL_TABLE],
]);
