import { LRUCache } from 'lru-cache';

/** Zones kept with their formatter: a formatter is expensive to make. There are about 600 names. */
const MAX_ZONES = 64;
const DAY = 86_400_000;
/** Characters of the longest IANA name, with room. */
const MAX_NAME = 64;

/** A local date and time of day; months count from 1. Fields beyond their range carry over, as in Date.UTC. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A time zone of the IANA database, as this Node knows it. */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | null;

  private constructor(name: string, format: Intl.DateTimeFormat | null) {
    this.name = name;
    this.#format = format;
  }

  static readonly utc = new Zone('UTC', null);
  static readonly #zones = new LRUCache<string, Zone>({ max: MAX_ZONES });

  /** The zone of this name, or null when there is none. Names are those of the IANA database; offsets such as `+02:00` are not names. */
  static of(name: string): Zone | null {
    if (name === 'UTC') return Zone.utc;
    if (name.length > MAX_NAME || !/^[A-Za-z]/.test(name)) return null;
    let zone = Zone.#zones.get(name);
    if (zone === undefined) {
      const format = formatOf(name);
      if (format === null) return null;
      zone = new Zone(format.resolvedOptions().timeZone === 'UTC' ? 'UTC' : name, format);
      Zone.#zones.set(name, zone);
    }
    return zone;
  }

  /** Milliseconds that local time is ahead of UTC at `at`. */
  offset(at: number): number {
    if (this.#format === null) return 0;
    const seconds = at - mod(at, 1000);
    return utcOf(this.#parts(this.#format, seconds)) - seconds;
  }

  local(at: number): LocalTime {
    const date = new Date(at + this.offset(at));
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  }

  /**
   * The first moment at which the local clock shows `time`. When a change of the clock skips it, the moment of the
   * change (for the start of the gap; later times of the gap follow at the same distance).
   */
  instant(time: LocalTime): number {
    const asUtc = utcOf(time);
    const before = this.offset(asUtc - DAY);
    const after = this.offset(asUtc + DAY);
    const candidates = [asUtc - before, asUtc - after].filter((at) => at + this.offset(at) === asUtc);
    return candidates.length === 0 ? asUtc - before : Math.min(...candidates);
  }

  #parts(format: Intl.DateTimeFormat, at: number): LocalTime {
    const values = new Map(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
    const value = (type: Intl.DateTimeFormatPartTypes): number => values.get(type) ?? 0;
    return {
      year: value('year'),
      month: value('month'),
      day: value('day'),
      hour: value('hour'),
      minute: value('minute'),
      second: value('second'),
    };
  }
}

function formatOf(name: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}

function utcOf(time: LocalTime): number {
  return Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}
