import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { session } from '@/api';
import { failure, mockNetwork, page, tokenFor, type Network, type Reply } from '@/test/network';
import { openDashboard } from '@/test/render';

const path = '/api/collections/_superusers';
const answer = () => ({ token: tokenFor(600), record: { id: 'ana', email: 'ana@example.org' } });
const methods = { otp: { enabled: true, duration: 300 }, mfa: { enabled: true, duration: 600 } };

const network = (more: Network = {}): Network => ({
  [`POST ${path}/auth-with-password`]: { status: 401, json: { mfaId: 'mfa1' } },
  [`GET ${path}/auth-methods`]: { json: methods },
  [`POST ${path}/request-otp`]: { json: { otpId: 'otp1' } },
  [`POST ${path}/auth-with-otp`]: () => ({ json: answer() }),
  [`POST ${path}/auth-refresh`]: () => ({ json: answer() }),
  'GET /api/collections': { json: page([]) },
  ...more,
});

const toCodeStep = async (more: Network = {}) => {
  const calls = mockNetwork(network(more));
  const router = await openDashboard('/login?next=%2Fc%2Forders');
  await userEvent.type(await screen.findByLabelText('E-mail'), 'ana@example.org');
  await userEvent.type(screen.getByLabelText('Password'), 'secret');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await screen.findByRole('heading', { name: 'Enter the one-time code' });
  return { calls, router };
};

const enter = async (code: string) => {
  if (code) await userEvent.type(screen.getByLabelText('One-time code'), code);
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
};

const bodiesOf = (calls: { path: string; body: unknown }[], end: string) =>
  calls.filter((call) => call.path.endsWith(end)).map(({ body }) => body);

beforeEach(() => session.end());

describe('the second factor', () => {
  test('is asked for after the password and leads to the route that was asked for', async () => {
    const { calls, router } = await toCodeStep();
    expect(screen.getByText(/on its way to ana@example.org/)).toHaveAttribute('role', 'status');
    expect(await screen.findByText(/It counts for 5 minutes/)).toBeInTheDocument();
    expect(screen.getByLabelText('One-time code')).toHaveFocus();
    await enter(' 1234 5678 ');
    await waitFor(() => expect(router.state.location.pathname).toBe('/c/orders'));
    expect(bodiesOf(calls, 'request-otp')).toEqual([{ email: 'ana@example.org' }]);
    expect(bodiesOf(calls, 'auth-with-otp')).toEqual([
      { otpId: 'otp1', password: '12345678', mfaId: 'mfa1' },
    ]);
    expect(calls.every(({ query }) => !query.has('mfaId'))).toBe(true);
  });

  test.each<[string, Reply | undefined, RegExp]>([
    ['a wrong code', { status: 400, json: failure(400, 'Raw.') }, /code is wrong or has run out/],
    ['too many codes', { status: 429, json: failure(429) }, /Wait a few minutes/],
    [
      'too many codes, with a time',
      { status: 429, json: failure(429), headers: { 'Retry-After': '180' } },
      /Wait 3 minutes/,
    ],
    ['a refused address', { status: 403, json: failure(403) }, /does not let you sign in from here/],
    ['no answer', undefined, /does not answer/],
  ])('says what is wrong after %s', async (_, reply, words) => {
    await toCodeStep({ [`POST ${path}/auth-with-otp`]: () => reply });
    await enter('123');
    expect(await screen.findByRole('alert')).toHaveTextContent(words);
    expect(screen.getByLabelText('One-time code')).toHaveValue('123');
  });

  test('goes back to the password when the first factor is too old', async () => {
    await toCodeStep({ [`POST ${path}/auth-with-otp`]: { status: 400, json: failure(400) } });
    await screen.findByText(/It counts for/);
    const later = Date.now() + 600_000;
    vi.spyOn(Date, 'now').mockReturnValue(later);
    await enter('123');
    expect(await screen.findByText('That took too long. Enter the password once more.')).toBeInTheDocument();
    expect(screen.getByLabelText('E-mail')).toHaveValue('ana@example.org');
    expect(screen.getByLabelText('Password')).toHaveFocus();
  });

  test('can be sent again; the new code is the one that counts', async () => {
    let count = 0;
    const { calls } = await toCodeStep({
      [`POST ${path}/request-otp`]: () => ({ json: { otpId: `otp${++count}` } }),
    });
    await userEvent.click(screen.getByRole('button', { name: 'Send a new code' }));
    expect(await screen.findByText(/Use the code of the latest mail/)).toBeInTheDocument();
    await enter('123');
    await waitFor(() => expect(bodiesOf(calls, 'auth-with-otp')).toMatchObject([{ otpId: 'otp2' }]));
  });

  test('can come from the command line', async () => {
    const { calls } = await toCodeStep({ [`POST ${path}/request-otp`]: { status: 500, json: failure(500) } });
    expect(screen.getByRole('alert')).toHaveTextContent(/no code could be asked for/);
    expect(screen.getByText('larder superuser otp ana@example.org')).not.toBeVisible();
    await enter('123');
    expect(screen.getByText(/No code has been sent/)).toBeInTheDocument();
    // jsdom opens the part and tells nobody, as a browser would.
    const part = screen.getByText('I have a code from the command line').closest('details');
    act(() => {
      part?.setAttribute('open', '');
      part?.dispatchEvent(new Event('toggle'));
    });
    await enter('');
    expect(screen.getByLabelText('Id of the code')).toHaveAccessibleDescription(/Enter the id/);
    expect(screen.getByLabelText('Id of the code')).toHaveFocus();
    await userEvent.type(screen.getByLabelText('Id of the code'), ' cli1 ');
    await enter('');
    await waitFor(() =>
      expect(bodiesOf(calls, 'auth-with-otp')).toEqual([{ otpId: 'cli1', password: '123', mfaId: 'mfa1' }]),
    );
  });

  test('leads back to the password', async () => {
    await toCodeStep();
    await enter('');
    expect(screen.getByLabelText('One-time code')).toHaveAccessibleDescription('Enter the code.');
    await userEvent.click(screen.getByRole('button', { name: 'Back to the password' }));
    expect(screen.getByRole('heading', { name: 'Sign in' })).toBeInTheDocument();
    expect(screen.getByLabelText('E-mail')).toHaveValue('ana@example.org');
    expect(screen.getByLabelText('Password')).toHaveValue('');
  });
});

describe('a forgotten password', () => {
  const resetPath = `POST ${path}/request-password-reset`;

  test('takes the address along and always answers alike', async () => {
    const calls = mockNetwork({ [resetPath]: { status: 204 } });
    const router = await openDashboard('/login');
    await userEvent.type(await screen.findByLabelText('E-mail'), 'ana@example.org');
    await userEvent.click(screen.getByRole('link', { name: 'Forgotten your password?' }));
    expect(await screen.findByRole('heading', { name: 'Set a new password' })).toBeInTheDocument();
    expect(router.state.location.href).toBe('/forgotten-password');
    expect(screen.getByText('larder superuser update EMAIL PASSWORD')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Send the link' }));
    expect(await screen.findByRole('heading', { name: 'Look into your mail' })).toHaveFocus();
    expect(screen.getByText(/If ana@example.org belongs to a superuser/)).toBeInTheDocument();
    expect(bodiesOf(calls, 'request-password-reset')).toEqual([{ email: 'ana@example.org' }]);
  });

  test.each<[string, Reply, RegExp]>([
    ['too many', { status: 429, json: failure(429), headers: { 'Retry-After': '120' } }, /Wait 2 minutes/],
    ['a failing server', { status: 500, json: failure(500) }, /could not do this/],
  ])('says what is wrong after %s', async (_, reply, words) => {
    mockNetwork({ [resetPath]: reply });
    await openDashboard('/forgotten-password');
    await userEvent.type(await screen.findByLabelText('E-mail'), 'ana@example.org');
    await userEvent.click(screen.getByRole('button', { name: 'Send the link' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(words);
  });

  test('needs an address', async () => {
    const calls = mockNetwork({});
    await openDashboard('/forgotten-password');
    await userEvent.type(await screen.findByLabelText('E-mail'), 'ana');
    await userEvent.click(screen.getByRole('button', { name: 'Send the link' }));
    expect(screen.getByLabelText('E-mail')).toHaveAccessibleDescription(/Enter an e-mail address/);
    expect(calls).toEqual([]);
  });
});
