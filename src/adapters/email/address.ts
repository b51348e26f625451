import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Networks that are not the internet: this machine, private ones, those of documentation, tests and multicast. */
const special = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(net, bits, 'ipv4');

/** Of IPv6 only what is given out as public, without the ways that lead back into IPv4. */
const publicV6 = new BlockList();
publicV6.addSubnet('2000::', 3, 'ipv6');
const tunnels = new BlockList();
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  tunnels.addSubnet(net, bits, 'ipv6');

export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4');
    case 6:
      return publicV6.check(address, 'ipv6') && !tunnels.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Not every network of ours reaches IPv6, and one address is tried. */
const inOrder = { all: true, order: 'ipv4first' } as const;

/**
 * The address to connect to for a host that a tenant has named: resolved once and used as it is, so that the name cannot
 * mean another address a moment later. One that resolves to anything private is refused as a whole.
 */
export async function pinAddress(host: string, mayBePrivate: boolean): Promise<string | undefined> {
  const addresses = isIP(host) ? [host] : (await lookup(host, inOrder)).map(({ address }) => address);
  return mayBePrivate || addresses.every(isPublicAddress) ? addresses[0] : undefined;
}
