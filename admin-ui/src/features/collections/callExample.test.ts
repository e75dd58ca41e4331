import { expect, test } from 'vitest';
import { collection, field, textField } from '@/test/collections';
import { createCollectionCall, createRecordCall } from './callExample';

test('the call for a record uses the fields people fill in', () => {
  const orders = collection('my orders', [
    textField('number'),
    field('select', 'tags', { values: ["it's", 'b'], maxSelect: 2 }),
    field('file', 'photo', { maxSelect: 1, protected: false }),
    field('autodate', 'created', { onCreate: true }),
  ]);
  expect(createRecordCall(orders)).toBe(
    `curl http://localhost:3000/api/collections/my%20orders/records \\
  -H "Authorization: $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{
  "number": "A number",
  "tags": [
    "it'\\''s"
  ]
}'`,
  );
});

test('an account needs its password twice', () => {
  const users = collection(
    'users',
    [
      field('password', 'password', { system: true, hidden: true }),
      textField('tokenKey', { system: true, hidden: true }),
      field('email', 'email', { system: true }),
      field('bool', 'verified', { system: true }),
      textField('name'),
    ],
    { type: 'auth' },
  );
  const call = createRecordCall(users);
  expect(call).toContain('"passwordConfirm": "a-long-password"');
  expect(call).toContain('"email": "ana@example.org"');
  expect(call).not.toMatch(/tokenKey|verified/);
});

test('no call holds a token', () => {
  expect(createCollectionCall()).toContain('"Authorization: $TOKEN"');
});
