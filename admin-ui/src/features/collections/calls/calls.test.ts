import { expect, test } from 'vitest';
import { collection, field, textField } from '@/test/collections';
import { callsOf, exampleFilter, languages, writeCall } from './calls';

const orders = collection("the $ o'rders", [
  textField('number'),
  field('select', 'status', { values: ['new', 'paid'], maxSelect: 1 }),
  field('autodate', 'created', { onCreate: true }),
]);
const users = collection('users', [field('email', 'email', { system: true })], {
  type: 'auth',
  passwordAuth: { enabled: true },
  otp: { enabled: false },
  oauth2: { enabled: true, providers: [{ name: 'github' }] },
});

test('calls are made of the fields of the collection', () => {
  expect(exampleFilter(orders)).toBe('status = "new"');
  expect(writeCall(orders, 'list', 'js', 'https://a.example.org')).toContain(
    "pb.collection('the $ o\\'rders').getList(1, 50, {\n  filter: 'status = \"new\"',\n  sort: '-created',",
  );
  expect(writeCall(orders, 'create', 'dart', 'https://a.example.org')).toContain(
    "pb.collection('the \\$ o\\'rders')",
  );
  expect(writeCall(orders, 'create', 'curl', 'https://a.example.org')).toContain('"number": "A number"');
  expect(writeCall(orders, 'view', 'curl', 'https://a.example.org')).toContain(
    "/api/collections/the%20%24%20o'rders/records/RECORD_ID",
  );
});

test('only what is set up is offered', () => {
  expect(callsOf({ ...orders, type: 'view' })).toEqual(['list', 'view']);
  expect(callsOf(orders)).not.toContain('password');
  expect(callsOf(users)).toContain('password');
  expect(callsOf(users)).not.toContain('otp');
  expect(writeCall(users, 'oauth2', 'js', '')).toContain("provider: 'github'");
});

test('no call holds a token', () => {
  for (const language of languages) {
    for (const call of callsOf(users)) {
      expect(writeCall(users, call, language, 'https://a.example.org')).not.toMatch(/eyJ|Bearer/);
    }
  }
});
