import { BlockList, isIP } from 'node:net';

/** Which peers may say for whom they speak (X-Forwarded-*, Forwarded). */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #any: boolean;

  /** `entries`: addresses or CIDRs, IPv4 or IPv6. Throws on anything else. */
  constructor(entries: readonly string[]) {
    this.#any = entries.length > 0;
    for (const entry of entries) this.#add(entry);
  }

  /** `address`: as of `plainAddress`. */
  has(address: string): boolean {
    if (!this.#any) return false;
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }

  /** The client by the list that trusted peers made: from the right, the first address that is no trusted proxy. */
  clientOf(list: string, peer: string): string {
    let client = peer;
    for (const element of list.split(',').toReversed()) {
      if (!this.has(client)) break;
      const address = plainAddress(element.replaceAll(/^[ \t]+|[ \t]+$/g, ''));
      if (isIP(address) === 0) break;
      client = address;
    }
    return client;
  }

  #add(entry: string): void {
    const [address = '', prefix, ...rest] = entry.split('/');
    const family = isIP(address);
    const longest = family === 6 ? 128 : 32;
    const length = prefix === undefined ? longest : /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (family === 0 || rest.length > 0 || length < 0 || length > longest) {
      throw new RangeError(`not an address or CIDR: ${JSON.stringify(entry)}`);
    }
    this.#list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** An address as it is shown: an IPv4 address that came over an IPv6 socket without its prefix. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
