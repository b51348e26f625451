import { BlockList, isIPv6 } from 'node:net';

/** What a limit counts as one client: an IPv4 address, or the IPv6 /64 that one customer has to themselves. */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  const { hostname } = new URL(`http://[${address.split('%')[0]}]`);
  const bare = hostname.slice(1, -1);
  // An IPv4 address in IPv6 clothes, as a socket for both families reports it.
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(bare)?.slice(1);
  if (mapped) return mapped.flatMap((word) => [parseInt(word, 16) >> 8, parseInt(word, 16) & 255]).join('.');
  const [head = '', tail = ''] = bare.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const full = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${full.slice(0, 4).join(':')}::`;
}

/** Whether an address is one of these networks, each an address or an address with the length of its prefix. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', prefix] = network.split('/');
    if (prefix === undefined) list.addAddress(base, familyOf(base));
    else list.addSubnet(base, Number(prefix), familyOf(base));
  }
  const [bare = ''] = address.split('%');
  return list.check(bare, familyOf(bare));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
