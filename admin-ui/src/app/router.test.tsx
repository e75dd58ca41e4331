import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { session } from '@/api';
import { collection } from '@/test/collections';
import { mockNetwork, page, tokenFor } from '@/test/network';
import { openDashboard } from '@/test/render';
import { parseSearch, stringifySearch } from './search';

const answer = { token: tokenFor(600), record: { id: 'ana', email: 'ana@example.org' } };
const names = ['orders', 'customers', 'notes', 'tags', 'files', 'drafts', 'plans', 'tasks'];

beforeEach(() => {
  session.start(answer);
  mockNetwork({
    'POST /api/collections/_superusers/auth-refresh': { json: answer },
    'GET /api/collections': {
      json: page([
        ...names.map((name) => collection(name, [])),
        collection('_mfas', [], { system: true }),
        collection('users', [], { type: 'auth' }),
      ]),
    },
  });
});

test('the root and the old address of a collection lead on', async () => {
  const router = await openDashboard('/');
  expect(router.state.location.pathname).toBe('/c');
  await router.navigate({ href: '/collections?collection=orders' });
  await waitFor(() => expect(router.state.location.href).toBe('/c/orders'));
});

test('an unknown address says so', async () => {
  await openDashboard('/nothing');
  expect(await screen.findByRole('heading', { name: 'No such page' })).toBeInTheDocument();
});

test('the sidebar filters collections and folds those of the system away', async () => {
  await openDashboard('/c');
  const filter = await screen.findByRole('searchbox', { name: 'Filter collections' });
  expect(screen.getByText('System', { selector: 'summary' }).closest('details')).not.toHaveAttribute('open');
  await userEvent.keyboard('/');
  expect(filter).toHaveFocus();
  await userEvent.type(filter, 'mfa');
  expect(screen.getByText('System', { selector: 'summary' }).closest('details')).toHaveAttribute('open');
  await userEvent.clear(filter);
  await userEvent.type(filter, 'zzz');
  expect(screen.getByText('No collection matches “zzz”.')).toBeInTheDocument();
});

test('signing out forgets the session and the route', async () => {
  const router = await openDashboard('/c');
  session.end();
  await waitFor(() => expect(router.state.location.href).toBe('/login'));
  expect(localStorage.getItem('larder.session')).toBeNull();
});

test('the query of an address is plain text', () => {
  expect(parseSearch('?sort=-created&next=%2Fc%2F1')).toEqual({ sort: '-created', next: '/c/1' });
  expect(stringifySearch({ sort: '-total', empty: '', next: '/c' })).toBe('?sort=-total&next=%2Fc');
  expect(stringifySearch({})).toBe('');
});
