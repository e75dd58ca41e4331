import { screen, waitFor } from '@testing-library/dom';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { session } from '@/api';
import { failure, mockNetwork, tokenFor, type Network, type Reply } from '@/test/network';
import { start } from '.';
import { parseLink } from './link';

const token = (claims: Record<string, unknown> = {}, seconds = 600) =>
  tokenFor(seconds, { collectionId: 'users1', email: 'ana@example.org', ...claims });

const open = (page: string, value?: string, network: Network = {}) => {
  document.body.innerHTML = '<div id="root"></div>';
  // Unlike a change of the fragment, this tells no listener.
  window.history.replaceState(null, '', value === undefined ? `#/auth/${page}` : `#/auth/${page}/${value}`);
  const calls = mockNetwork(network);
  start();
  return calls;
};

const path = (act: string) => `POST /api/collections/users1/${act}`;
const done: Reply = { status: 204 };
const refused = (field: string, code: string, params = {}): Reply => ({
  status: 400,
  json: failure(400, 'Raw words of the server.', { [field]: { code, message: 'Raw words.', params } }),
});

// A page of the test before goes on listening to the fragment; it may only see its own.
beforeEach(() => {
  const listeners: [string, EventListenerOrEventListenerObject][] = [];
  const add = window.addEventListener.bind(window);
  vi.spyOn(window, 'addEventListener').mockImplementation(
    (type: string, listener: EventListenerOrEventListenerObject) => {
      listeners.push([type, listener]);
      add(type, listener);
    },
  );
  return () => listeners.forEach(([type, listener]) => window.removeEventListener(type, listener));
});

describe('a link', () => {
  test('tells its collection and address from its token', () => {
    expect(parseLink(`#/auth/confirm-verification/${token({ email: 'zoë@example.org' })}`)).toMatchObject({
      kind: 'confirm',
      target: { collection: 'users1', email: 'zoë@example.org', isSuperuser: false },
    });
    expect(parseLink(`#/auth/confirm-email-change/${token({ newEmail: 'new@example.org' })}`)).toMatchObject({
      target: { email: 'new@example.org' },
    });
    expect(
      parseLink(`#/auth/confirm-password-reset/${token({ collectionId: 'pbc_3142635823' })}`),
    ).toMatchObject({ target: { isSuperuser: true } });
  });

  test.each([
    ['#/auth/confirm-verification', 'incomplete'],
    ['#/auth/confirm-verification/abc', 'incomplete'],
    ['#/auth/confirm-verification/a.bnVsbA.c', 'incomplete'],
    [`#/auth/confirm-verification/${token({ collectionId: '../x' })}`, 'incomplete'],
    [`#/auth/confirm-verification/${token({ collectionId: 7 })}`, 'incomplete'],
    [`#/auth/confirm-verification/${token({}, -1)}`, 'expired'],
    ['#/auth/', 'unknown'],
    ['#/auth/nothing/x', 'unknown'],
    ['#/auth/oauth2-redirect-success', 'oauth2'],
  ])('%s is %s', (fragment, kind) => expect(parseLink(fragment).kind).toBe(kind));

  test('shows no text of its maker in place of an address', () => {
    const link = parseLink(`#/auth/confirm-email-change/${token({ newEmail: 'call 555 now' })}`);
    expect(link).toMatchObject({ kind: 'confirm', target: { email: null } });
  });

  test('that is cut or unknown asks nothing of the server', () => {
    expect(open('confirm-verification', 'abc')).toEqual([]);
    expect(screen.getByRole('heading')).toHaveTextContent('This link is not complete');
    expect(open('confirm-password-reset', token({}, -1))).toEqual([]);
    expect(screen.getByRole('heading')).toHaveTextContent('This link no longer works');
  });
});

describe('verification', () => {
  test('confirms at once, without the session of a superuser', async () => {
    session.start({ token: tokenFor(600), record: { id: 'sue', email: 'sue@example.org' } });
    const value = token();
    const calls = open('confirm-verification', value, { [path('confirm-verification')]: done });
    expect(screen.getByRole('status')).toHaveTextContent('Confirming your e-mail address');
    const heading = await screen.findByRole('heading', { name: 'E-mail address confirmed' });
    expect(heading).toHaveFocus();
    expect(calls).toMatchObject([{ token: null, body: { token: value } }]);
    expect(document.title).toBe('E-mail address confirmed');
    session.end();
  });

  test('can be tried again when there was no answer', async () => {
    const replies = [undefined, { status: 500, json: failure(500, 'Raw.') }, done];
    const calls = open('confirm-verification', token(), {
      [path('confirm-verification')]: () => replies.shift(),
    });
    await screen.findByRole('heading', { name: 'The server does not answer' });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('heading', { name: 'The server could not do this' });
    expect(screen.getByRole('alert')).toHaveTextContent(/Status 500: Raw. · Request request-2/);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('heading', { name: 'E-mail address confirmed' });
    expect(calls).toHaveLength(3);
  });

  test.each<[string, Reply, string]>([
    [
      'a token that no longer counts',
      refused('token', 'validation_invalid_token'),
      'This link no longer works',
    ],
    ['a collection that is gone', { status: 404, json: failure(404) }, 'This link no longer works'],
    ['a refusal', { status: 403, json: failure(403) }, 'The server refused this'],
  ])('ends after %s', async (_, reply, title) => {
    open('confirm-verification', token(), { [path('confirm-verification')]: reply });
    await screen.findByRole('heading', { name: title });
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
    expect(screen.queryByRole('link')).not.toBeInTheDocument();
  });

  test('says how long to wait', async () => {
    open('confirm-verification', token(), {
      [path('confirm-verification')]: { status: 429, json: failure(429), headers: { 'Retry-After': '200' } },
    });
    await screen.findByRole('heading', { name: 'Too many attempts' });
    expect(screen.getByText('Wait 4 minutes, then try again.')).toBeInTheDocument();
  });

  test('of another link in the same window starts anew', async () => {
    open('confirm-verification', 'cut', { [path('confirm-verification')]: done });
    window.location.hash = `/auth/confirm-verification/${token()}`;
    await screen.findByRole('heading', { name: 'E-mail address confirmed' });
  });
});

const fillReset = async (password: string, again = password) => {
  if (password) await userEvent.type(screen.getByLabelText('New password'), password);
  if (again) await userEvent.type(screen.getByLabelText('New password again'), again);
  await userEvent.click(screen.getByRole('button', { name: 'Set password' }));
};

describe('a password reset', () => {
  const act = path('confirm-password-reset');

  test('sets the password and leads back to the app', async () => {
    const value = token();
    const calls = open('confirm-password-reset', value, { [act]: done });
    expect(screen.getByText('For ana@example.org')).toBeInTheDocument();
    expect(screen.getByLabelText('New password')).toHaveFocus();
    await fillReset('a new long password');
    expect(await screen.findByRole('heading', { name: 'New password set' })).toHaveFocus();
    expect(calls.map(({ body }) => body)).toEqual([
      { token: value, password: 'a new long password', passwordConfirm: 'a new long password' },
    ]);
    expect(screen.queryByRole('link')).not.toBeInTheDocument();
  });

  test('of a superuser leads to the sign-in', async () => {
    open('confirm-password-reset', token({ collectionId: '_superusers' }), {
      'POST /api/collections/_superusers/confirm-password-reset': done,
    });
    await fillReset('a new long password');
    expect(await screen.findByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '#/login');
  });

  test('asks for what is missing or differs without asking the server', async () => {
    const calls = open('confirm-password-reset', token(), { [act]: done });
    await fillReset('', '');
    expect(screen.getByLabelText('New password')).toHaveAccessibleDescription('Enter a new password.');
    await fillReset('one password', '');
    expect(screen.getByLabelText('New password again')).toHaveAccessibleDescription(
      'Enter the new password once more.',
    );
    await fillReset('', 'another');
    expect(screen.getByLabelText('New password again')).toHaveAccessibleDescription(
      'The two passwords differ.',
    );
    expect(screen.getByLabelText('New password again')).toHaveFocus();
    expect(screen.getByLabelText('New password')).toHaveAccessibleDescription('');
    expect(calls).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['validation_length_out_of_range', { min: 12, max: 255 }, 'Use 12 to 255 characters.'],
    ['validation_min_text_constraint', { min: 12 }, 'Use 12 characters or more.'],
    ['validation_max_text_constraint', { max: 71 }, 'Use 71 characters at most.'],
    ['validation_invalid_format', {}, 'The app does not accept this password. Choose another one.'],
  ])('tells in words what %s means', async (code, params, words) => {
    open('confirm-password-reset', token(), { [act]: refused('password', code, params) });
    await fillReset('short');
    await waitFor(() => expect(screen.getByLabelText('New password')).toHaveAccessibleDescription(words));
    expect(screen.getByLabelText('New password')).toHaveFocus();
    expect(screen.getByLabelText('New password')).toHaveValue('short');
    expect(document.body).not.toHaveTextContent('Raw words');
  });

  test('keeps what was typed when the server does not answer', async () => {
    const replies = [undefined, done];
    open('confirm-password-reset', token(), { [act]: () => replies.shift() });
    await fillReset('a new long password');
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('The server does not answer'));
    expect(screen.getByLabelText('New password')).toHaveValue('a new long password');
    await userEvent.click(screen.getByRole('button', { name: 'Set password' }));
    await screen.findByRole('heading', { name: 'New password set' });
  });

  test('with a used link says what to do', async () => {
    open('confirm-password-reset', token(), { [act]: refused('token', 'validation_invalid_token') });
    await fillReset('a new long password');
    await screen.findByRole('heading', { name: 'This link no longer works' });
    expect(screen.getByText(/If you have set a new password already, sign in with it/)).toBeInTheDocument();
  });

  test('shows and hides the password', async () => {
    open('confirm-password-reset', token());
    const field = screen.getByLabelText('New password');
    expect(field).toHaveAttribute('autocomplete', 'new-password');
    await userEvent.click(screen.getByRole('button', { name: 'Show: New password' }));
    expect(field).toHaveAttribute('type', 'text');
    await userEvent.click(screen.getByRole('button', { name: 'Hide: New password' }));
    expect(field).toHaveAttribute('type', 'password');
  });
});

describe('an e-mail change', () => {
  const act = path('confirm-email-change');
  const value = () => token({ newEmail: 'new@example.org' });
  const fill = async (password: string) => {
    await userEvent.type(screen.getByLabelText('Current password'), password);
    await userEvent.click(screen.getByRole('button', { name: 'Confirm address' }));
  };

  test('asks for the password and names the new address', async () => {
    const calls = open('confirm-email-change', value(), { [act]: done });
    expect(screen.getByText(/becomes new@example.org/)).toBeInTheDocument();
    await fill('secret');
    expect(await screen.findByRole('heading', { name: 'E-mail address changed' })).toHaveFocus();
    expect(calls).toMatchObject([{ body: { password: 'secret' } }]);
  });

  test('says that the password is wrong', async () => {
    open('confirm-email-change', value(), { [act]: refused('password', 'validation_invalid_password') });
    await fill('secret');
    await waitFor(() =>
      expect(screen.getByLabelText('Current password')).toHaveAccessibleDescription(
        'This is not the password of the account.',
      ),
    );
  });

  test('says that the address was taken meanwhile', async () => {
    open('confirm-email-change', value(), { [act]: refused('token', 'validation_invalid_token_email') });
    await fill('secret');
    await screen.findByRole('heading', { name: 'Another account uses this address' });
  });
});

describe('the end of an OAuth2 sign-in', () => {
  test('closes the window and says so where that is not possible', () => {
    const close = vi.spyOn(window, 'close').mockImplementation(() => undefined);
    open('oauth2-redirect-success');
    expect(screen.getByRole('heading', { name: 'You are signed in' })).toHaveFocus();
    expect(screen.getByText(/You can close this window/)).toBeInTheDocument();
    expect(close).toHaveBeenCalledOnce();
  });

  test('that failed stays to say what to do', async () => {
    const close = vi.spyOn(window, 'close').mockImplementation(() => undefined);
    open('oauth2-redirect-failure');
    expect(screen.getByRole('alert')).toHaveTextContent(/go back to the app and try again/);
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
    vi.stubGlobal('opener', window);
    open('oauth2-redirect-failure');
    expect(close).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Close this window' }));
    expect(close).toHaveBeenCalledOnce();
  });
});
