import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { session } from '@/api';
import { failure, mockNetwork, page, tokenFor, type Network } from '@/test/network';
import { openDashboard } from '@/test/render';

const path = '/api/collections/_superusers';
const answer = (email: string) => ({ token: tokenFor(600), record: { id: email, email } });
const good: Network = {
  [`POST ${path}/auth-refresh`]: () => ({ json: answer('installer@example.org') }),
  [`POST ${path}/records`]: { json: { id: 'ana' } },
  [`POST ${path}/auth-with-password`]: () => ({ json: answer('ana@example.org') }),
  'GET /api/collections': { json: page([]) },
};

const fill = async (email: string, password: string) => {
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText('E-mail'), email);
  await user.type(screen.getByLabelText('Password'), password);
  await user.click(screen.getByRole('button', { name: 'Create and sign in' }));
};

beforeEach(() => session.end());

describe('the set-up link', () => {
  test('makes the first superuser, signs in and shows the data', async () => {
    const calls = mockNetwork(good);
    const token = tokenFor(600);
    const router = await openDashboard(`/pbinstall/${token}`);
    await fill('ana@example.org', 'a-long-password');
    await waitFor(() => expect(router.state.location.pathname).toBe('/c'));
    expect(calls.find((call) => call.path === `${path}/records`)).toMatchObject({
      token,
      body: { email: 'ana@example.org', password: 'a-long-password', passwordConfirm: 'a-long-password' },
    });
    expect(session.get()?.email).toBe('ana@example.org');
    expect(await screen.findByText('No collections yet')).toBeInTheDocument();
  });

  test('that has run out says so without asking the server', async () => {
    const calls = mockNetwork(good);
    await openDashboard(`/pbinstall/${tokenFor(-1)}`);
    expect(await screen.findByText('This set-up link no longer works')).toBeInTheDocument();
    expect(screen.getByText('larder superuser create EMAIL PASS')).toBeInTheDocument();
    expect(calls).toEqual([]);
  });

  test('that was used says so at once', async () => {
    mockNetwork({ ...good, [`POST ${path}/auth-refresh`]: { status: 401, json: failure(401) } });
    await openDashboard(`/pbinstall/${tokenFor(600)}`);
    expect(await screen.findByText('This set-up link no longer works')).toBeInTheDocument();
  });

  test('that is used by someone else meanwhile says so after sending', async () => {
    mockNetwork({ ...good, [`POST ${path}/records`]: { status: 403, json: failure(403) } });
    await openDashboard(`/pbinstall/${tokenFor(600)}`);
    await fill('ana@example.org', 'a-long-password');
    expect(await screen.findByText('This set-up link no longer works')).toBeInTheDocument();
  });

  test('shows what is wrong beside the field', async () => {
    mockNetwork(good);
    await openDashboard(`/pbinstall/${tokenFor(600)}`);
    await fill('ana', 'short');
    expect(screen.getByLabelText('E-mail')).toHaveFocus();
    expect(screen.getByLabelText('E-mail')).toHaveAccessibleDescription(/Enter an e-mail address/);
    expect(screen.getByLabelText('Password')).toHaveAccessibleDescription('Use 8 characters or more.');
  });

  test("shows the server's own objection beside the field", async () => {
    mockNetwork({
      ...good,
      [`POST ${path}/records`]: {
        status: 400,
        json: failure(400, 'Failed.', { password: { code: 'x', message: 'Too common.' } }),
      },
    });
    await openDashboard(`/pbinstall/${tokenFor(600)}`);
    await fill('ana@example.org', 'password');
    await waitFor(() => expect(screen.getByLabelText('Password')).toHaveAccessibleDescription('Too common.'));
  });

  test('leads to the sign-in when the account is made but signing in fails', async () => {
    mockNetwork({ ...good, [`POST ${path}/auth-with-password`]: { status: 500, json: failure(500) } });
    await openDashboard(`/pbinstall/${tokenFor(600)}`);
    await fill('ana@example.org', 'a-long-password');
    expect(await screen.findByText(/The superuser was created, but/)).toBeInTheDocument();
  });
});
