import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { session } from '@/api';
import { collection, field, textField } from '@/test/collections';
import { failure, mockNetwork, page, tokenFor, type Network } from '@/test/network';
import { openDashboard } from '@/test/render';

const orders = collection('orders', [
  textField('number', { presentable: true }),
  field('number', 'total', { onlyInt: false }),
]);
const list = 'GET /api/collections/orders/records';
const record = (id: string, number: string, total: number) => ({
  id,
  number,
  total,
  collectionId: orders.id,
  collectionName: orders.name,
});
const first = record('r1', 'L-1', 7);
const second = record('r2', 'L-2', 8.5);
const good: Network = {
  'POST /api/collections/_superusers/auth-refresh': () => ({
    json: { token: tokenFor(600), record: { id: 'ana', email: 'ana@example.org' } },
  }),
  'GET /api/collections': { json: page([orders]) },
  [list]: { json: page([first, second]) },
  'GET /api/collections/orders/records/r1': { json: first },
  'GET /api/collections/orders/records/r2': { json: second },
};

beforeEach(() => session.start({ token: tokenFor(600), record: { id: 'ana', email: 'ana@example.org' } }));

describe('the records of a collection', () => {
  test('stand in a grid that tells how many there are', async () => {
    mockNetwork({ ...good, [list]: { json: page([first, second], 3000) } });
    await openDashboard('/c/orders');
    const grid = await screen.findByRole('grid', { name: 'Records of orders' });
    expect(grid).toHaveAttribute('aria-rowcount', '3001');
    expect(within(grid).getByRole('link', { name: 'Open L-2' })).toBeInTheDocument();
    expect(within(grid).getByText('7.0')).toBeInTheDocument();
    expect(screen.getByText(/of 3,000 records/)).toBeInTheDocument();
  });

  test('are sorted by a press on a heading, and the address says so', async () => {
    const calls = mockNetwork(good);
    const router = await openDashboard('/c/orders');
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'total' }));
    await waitFor(() => expect(router.state.location.href).toBe('/c/orders?sort=total'));
    expect(screen.getByRole('columnheader', { name: 'total' })).toHaveAttribute('aria-sort', 'ascending');
    await user.click(screen.getByRole('button', { name: 'total' }));
    await waitFor(() => expect(router.state.location.href).toBe('/c/orders?sort=-total'));
    await waitFor(() => {
      const sorts = calls
        .filter(({ path }) => path.endsWith('/orders/records'))
        .map(({ query }) => query.get('sort'));
      expect(sorts).toEqual(['-@rowid', 'total,-@rowid', '-total,-@rowid']);
    });
  });

  test('open in a panel, by mouse and by keyboard', async () => {
    mockNetwork(good);
    const router = await openDashboard('/c/orders');
    const user = userEvent.setup();
    await user.click(await screen.findByRole('link', { name: 'Open L-1' }));
    const panel = await screen.findByRole('region', { name: 'Record L-1' });
    expect(router.state.location.pathname).toBe('/c/orders/r/r1');
    await waitFor(() => expect(within(panel).getByRole('heading', { name: 'L-1' })).toHaveFocus());
    await user.keyboard('j');
    expect(await screen.findByRole('region', { name: 'Record L-2' })).toBeInTheDocument();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/c/orders'));
    expect(screen.getByRole('grid')).toHaveFocus();
    await user.keyboard('{ArrowUp}{ArrowUp}{ArrowDown}{ArrowDown}o');
    expect(await screen.findByRole('region', { name: 'Record L-2' })).toBeInTheDocument();
  });

  test.each([
    ['nothing', { json: page([]) }, 'No records in orders yet'],
    ['a refusal', { status: 403, json: failure(403) }, 'The server refused this'],
    ['a failure', { status: 400, json: failure(400) }, 'The server could not answer'],
  ])('show a picture of its own for %s', async (_, reply, words) => {
    mockNetwork({ ...good, [list]: reply });
    await openDashboard('/c/orders');
    expect(await screen.findByRole('heading', { name: words })).toBeInTheDocument();
  });

  test('say when the address asks for a sort that does not exist', async () => {
    mockNetwork({
      ...good,
      [list]: ({ query }) =>
        query.get('sort')?.startsWith('colour') === true
          ? { status: 400, json: failure(400) }
          : { json: page([first]) },
    });
    const router = await openDashboard('/c/orders?sort=colour');
    await userEvent.click(await screen.findByRole('button', { name: 'Clear the sort' }));
    expect(await screen.findByText('L-1')).toBeInTheDocument();
    expect(router.state.location.href).toBe('/c/orders');
  });

  test('are not there for a collection that is not there', async () => {
    mockNetwork(good);
    await openDashboard('/c/nothing');
    expect(await screen.findByRole('heading', { name: 'No such collection' })).toBeInTheDocument();
  });
});

test('a record that is not there says so beside the grid', async () => {
  mockNetwork(good);
  await openDashboard('/c/orders/r/nothing');
  expect(await screen.findByRole('heading', { name: 'No such record' })).toBeInTheDocument();
  expect(screen.getByRole('grid')).toBeInTheDocument();
});

test('the example call of an empty collection uses its own fields', async () => {
  mockNetwork({ ...good, [list]: { json: page([]) } });
  await openDashboard('/c/orders');
  expect(await screen.findByText(/"number": "A number"/)).toHaveTextContent(
    '/api/collections/orders/records',
  );
});
