import { expect, test } from 'vitest';
import { plainAddress, TrustedProxies } from '../../../gateway/http1/trusted-proxies.ts';

const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '::1']);

test.each([
  ['10.1.2.3', true],
  ['11.1.2.3', false],
  ['192.0.2.1', true],
  ['192.0.2.2', false],
  ['2001:db8:1::1', true],
  ['2001:db9::1', false],
  ['::1', true],
  ['', false],
  ['garbage', false],
])('%s is trusted: %s', (address, trusted) => {
  expect(proxies.has(address)).toBe(trusted);
});

test.each([
  ['1.1.1.1', '9.9.9.9', '9.9.9.9'],
  ['1.1.1.1', '10.0.0.1', '1.1.1.1'],
  ['8.8.8.8, 1.1.1.1, 10.0.0.2', '10.0.0.1', '1.1.1.1'],
  ['10.0.0.3, 10.0.0.2', '10.0.0.1', '10.0.0.3'],
  ['1.1.1.1, garbage', '10.0.0.1', '10.0.0.1'],
  ['1.1.1.1 ,\t::ffff:10.0.0.2', '10.0.0.1', '1.1.1.1'],
  ['', '10.0.0.1', '10.0.0.1'],
])('of the list %j from %s the client is %s', (list, peer, client) => {
  expect(proxies.clientOf(list, peer)).toBe(client);
});

test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', '10.0.0.0/8/8', 'host', '', '::/129'])(
  '%j is no address or CIDR',
  (entry) => {
    expect(() => new TrustedProxies([entry])).toThrow(/not an address or CIDR/);
  },
);

test('nobody is trusted unless named', () => {
  expect(new TrustedProxies([]).has('127.0.0.1')).toBe(false);
});

test.each([
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['1.2.3.4', '1.2.3.4'],
  ['::1', '::1'],
  [undefined, ''],
])('%s is shown as %s', (address, shown) => {
  expect(plainAddress(address)).toBe(shown);
});
