import { describe, expect, test } from 'vitest';
import { isNetwork, letsIn, linesOf } from './networks';

test.each(['::1', '1.2.3.0/24', '::/0', '0.0.0.0/0', '::ffff:1.2.3.4', '2001:DB8::/32', '1.2.3.4'])(
  '%s is an address or a network',
  (text) => expect(isNetwork(text)).toBe(true),
);

test.each([
  '',
  'x',
  '1.2.3.4/33',
  '300.1.1.1',
  '1.2.3',
  '1.2.3.0/024',
  '01.2.3.4',
  '1.2.3.4/',
  '1.2.3.4/+8',
  '::1/129',
  ':::',
  '1.2.3.4/8/8',
  'fe80::1%eth0',
  ']',
  '::1]:80/',
])('%j is neither', (text) => expect(isNetwork(text)).toBe(false));

describe('a list', () => {
  test.each<[string[], string, boolean]>([
    [[], '1.2.3.4', true],
    [['1.2.3.4'], '1.2.3.4', true],
    [['1.2.3.5'], '1.2.3.4', false],
    [['1.2.3.0/24'], '1.2.3.255', true],
    [['1.2.3.0/24'], '1.2.4.0', false],
    [['0.0.0.0/0'], '9.9.9.9', true],
    [['0.0.0.0/0'], '::1', false],
    [['::/0'], '1.2.3.4', false],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['::ffff:1.2.3.4'], '1.2.3.4', true],
    [['::ffff:1.2.3.0/120'], '1.2.3.9', true],
    [['1.2.3.4'], '::ffff:1.2.3.4', true],
    [['x', '127.0.0.1'], '127.0.0.1', true],
    [['127.0.0.1'], '', false],
  ])('%j lets %s in: %s', (list, address, expected) => expect(letsIn(list, address)).toBe(expected));
});

test('a text has an entry on each line', () => {
  expect(linesOf(' 1.2.3.4 \r\n\n::1, 10.0.0.0/8;')).toEqual(['1.2.3.4', '::1', '10.0.0.0/8']);
});
