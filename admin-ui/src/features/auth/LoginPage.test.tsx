import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { session } from '@/api';
import { failure, mockNetwork, page, tokenFor, type Network } from '@/test/network';
import { openDashboard } from '@/test/render';

const signInPath = 'POST /api/collections/_superusers/auth-with-password';
const answer = () => ({ token: tokenFor(600), record: { id: 'ana', email: 'ana@example.org' } });
const behind: Network = {
  'GET /api/collections': { json: page([]) },
  'POST /api/collections/_superusers/auth-refresh': () => ({ json: answer() }),
};

const fill = async (email: string, password: string) => {
  const user = userEvent.setup();
  if (email) await user.type(await screen.findByLabelText('E-mail'), email);
  if (password) await user.type(screen.getByLabelText('Password'), password);
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
};

beforeEach(() => session.end());

describe('the sign-in', () => {
  test('leads to the route that was asked for', async () => {
    const calls = mockNetwork({ ...behind, [signInPath]: () => ({ json: answer() }) });
    const router = await openDashboard('/c/orders?sort=-total');
    expect(router.state.location.pathname).toBe('/login');
    await fill('ana@example.org', 'secret');
    await waitFor(() => expect(router.state.location.href).toBe('/c/orders?sort=-total'));
    expect(calls[0]?.body).toEqual({ identity: 'ana@example.org', password: 'secret' });
    expect(session.get()?.email).toBe('ana@example.org');
  });

  test('never leads to another site', async () => {
    mockNetwork({ ...behind, [signInPath]: () => ({ json: answer() }) });
    const router = await openDashboard('/login?next=https%3A%2F%2Fexample.org');
    await fill('ana@example.org', 'secret');
    await waitFor(() => expect(router.state.location.href).toBe('/c'));
  });

  test.each([
    [
      'a wrong password',
      { status: 400, json: failure(400, 'Failed to authenticate.') },
      'E-mail or password is wrong.',
    ],
    ['too many attempts', { status: 429, json: failure(429) }, /Wait a minute/],
    [
      'too many attempts, with a time',
      { status: 429, json: failure(429), headers: { 'Retry-After': '7' } },
      /Wait 7 seconds/,
    ],
    [
      'a refused address',
      { status: 403, json: failure(403, 'Not from there.') },
      /larder superuser ips.*Status 403: Not from there\./,
    ],
    ['a failing server', { status: 500, json: failure(500) }, /could not check your password/],
    ['no answer', undefined, /does not answer/],
  ])('says what is wrong after %s', async (_, reply, words) => {
    mockNetwork({ [signInPath]: () => reply });
    await openDashboard('/login');
    await fill('ana@example.org', 'wrong');
    expect(await screen.findByRole('alert')).toHaveTextContent(words);
    expect(screen.getByLabelText('E-mail')).toHaveValue('ana@example.org');
  });

  test('asks for what is missing without asking the server', async () => {
    const calls = mockNetwork({});
    await openDashboard('/login');
    await fill('', 'secret');
    expect(screen.getByLabelText('E-mail')).toHaveFocus();
    expect(screen.getByLabelText('E-mail')).toHaveAccessibleDescription('Enter your e-mail address.');
    expect(calls).toEqual([]);
  });
});

test('a session the server no longer knows ends at the sign-in and keeps the route', async () => {
  session.start({ token: tokenFor(600), record: { id: 'ana', email: 'ana@example.org' } });
  mockNetwork({
    ...behind,
    'POST /api/collections/_superusers/auth-refresh': { status: 401, json: failure(401) },
  });
  const router = await openDashboard('/c/orders');
  await waitFor(() => expect(router.state.location.href).toBe('/login?next=%2Fc%2Forders'));
  expect(await screen.findByText(/Your session has ended/)).toBeInTheDocument();
  expect(session.get()).toBeNull();
});
