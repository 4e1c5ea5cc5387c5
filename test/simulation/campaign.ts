import type { RoundOptions } from './options.ts';

/** Round trips as in one site, between far regions, and across the world, ms. */
export const ROUND_TRIPS = { near: [1, 5], far: [80, 120], farther: [270, 330] } as const;
/** A backend that answers 200 ms late does so for 10 s: the round lasts longer than that. */
const SLOW_DURATION = 15_000;
/** One in this many rounds has 10,000 callers. */
const EVERY_CROWD = 400;
const CROWD = 10_000;

type Changes = Partial<Omit<RoundOptions, 'seed'>>;

/** What else a round has, by its seed: of ten, one with far backends, one with farther ones, two with a slow one, the others with near ones. */
export function roundOf(seed: number): Changes & { readonly seed: number } {
  const common = { seed, gateways: 1 + (seed % 5), shareDisk: seed % 7 === 0, sets: seed % 3 === 0 ? 0.05 : 0 };
  return { ...common, ...(seed % EVERY_CROWD === 7 ? crowd() : kindOf(seed)) };
}

function kindOf(seed: number): Changes {
  switch (Math.floor(seed / 5) % 10) {
    case 1:
      return { roundTrip: ROUND_TRIPS.far };
    case 3:
      return { roundTrip: ROUND_TRIPS.farther };
    case 5:
      return slow(ROUND_TRIPS.near);
    case 7:
      return slow(ROUND_TRIPS.far);
    default:
      return { roundTrip: ROUND_TRIPS.near };
  }
}

export function slow(roundTrip: readonly [number, number]): Changes {
  return { roundTrip, slowBackends: 1, duration: SLOW_DURATION };
}

/** Every caller is seen once or twice in the first seconds; then few go on, and the others' leases are idle. */
function crowd(): Changes {
  return {
    gateways: 2,
    applications: CROWD,
    rate: CROWD / 2,
    plain: true,
    limits: [{ metric: 'hits', period: 'minute', max: 40 }],
    active: { after: 2_000, applications: 20 },
    activeRate: 100,
    direct: 0.0005,
    reports: 0.0005,
  };
}
