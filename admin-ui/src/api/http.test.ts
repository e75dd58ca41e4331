import { beforeEach, describe, expect, test } from 'vitest';
import { failure, mockNetwork, page, tokenFor } from '@/test/network';
import { api, session, toApiError } from '.';

const path = '/api/collections';

const signIn = (token = tokenFor(600)) =>
  session.start({ token, record: { id: 'ana', email: 'ana@example.org' } });

const failing = async (call: Promise<unknown>) =>
  call.then(
    () => expect.fail('the call should have failed'),
    (error: unknown) => toApiError(error),
  );

beforeEach(() => session.end());

describe('a call', () => {
  test('carries the token of the session', async () => {
    const token = tokenFor(600);
    signIn(token);
    const calls = mockNetwork({ [`GET ${path}`]: { json: page([]) } });
    await api.collections.all();
    expect(calls[0]?.token).toBe(token);
  });

  test('with an expired token is not sent, and ends the session', async () => {
    signIn(tokenFor(-1));
    const calls = mockNetwork({ [`GET ${path}`]: { json: page([]) } });
    expect((await failing(api.collections.all())).kind).toBe('signedOut');
    expect(calls).toEqual([]);
    expect(session.get()).toBeNull();
    expect(session.reason()).toBe('expired');
  });

  test('answered with 401 ends the session', async () => {
    signIn();
    mockNetwork({ [`GET ${path}`]: { status: 401, json: failure(401, 'No.') } });
    await failing(api.collections.all());
    expect(session.get()).toBeNull();
  });

  test('answered with 403 keeps the session', async () => {
    signIn();
    mockNetwork({ [`GET ${path}`]: { status: 403, json: failure(403, 'No.') } });
    expect((await failing(api.collections.all())).kind).toBe('refused');
    expect(session.get()).not.toBeNull();
  });

  test('without an answer is offline', async () => {
    signIn();
    mockNetwork({ [`GET ${path}`]: () => undefined });
    expect(await failing(api.collections.all())).toMatchObject({ kind: 'offline', status: 0 });
  });

  test('tells the errors of single fields', async () => {
    mockNetwork({
      'POST /api/collections/_superusers/records': {
        status: 400,
        json: failure(400, 'Failed.', {
          email: { code: 'validation_is_email', message: 'Must be an e-mail.' },
        }),
      },
    });
    expect(await failing(api.superusers.create('token', 'x', 'y'))).toMatchObject({
      kind: 'invalid',
      message: 'Failed.',
      fields: { email: { code: 'validation_is_email', message: 'Must be an e-mail.', params: {} } },
      requestId: 'request-1',
    });
  });

  test('answered with a page instead of JSON fails', async () => {
    signIn();
    mockNetwork({ [`GET ${path}`]: { json: null } });
    expect((await failing(api.collections.all())).kind).toBe('failed');
  });
});

test('all pages of collections are fetched', async () => {
  signIn();
  const calls = mockNetwork({
    [`GET ${path}`]: ({ query }) => ({
      json: { ...page([{ name: `c${query.get('page') ?? ''}` }]), totalPages: 3 },
    }),
  });
  expect((await api.collections.all()).map(({ name }) => name)).toEqual(['c1', 'c2', 'c3']);
  expect(calls).toHaveLength(3);
});

test('signing in tells a second factor from a wrong password', async () => {
  const signInPath = 'POST /api/collections/_superusers/auth-with-password';
  mockNetwork({ [signInPath]: { status: 401, json: { mfaId: 'abc' } } });
  expect(await api.superusers.signIn('ana', 'secret')).toEqual({ kind: 'secondFactor', mfaId: 'abc' });
  mockNetwork({ [signInPath]: { status: 400, json: failure(400, 'Failed to authenticate.') } });
  expect((await failing(api.superusers.signIn('ana', 'secret'))).kind).toBe('invalid');
});

test('names in paths are encoded', () => {
  expect(api.files.url('a/b', 'r?1', 'x #.png', { thumb: '100x100' })).toBe(
    'http://localhost:3000/api/files/a%2Fb/r%3F1/x%20%23.png?thumb=100x100',
  );
});
