import type { Page } from '@playwright/test';
import { expect, sizes, test } from './fixtures';
import { completeAnswers } from './completeAnswers';
import { fullOrder, orderCount, orderNumber } from './seed';

const grid = (page: Page) => page.getByRole('grid', { name: 'Records of orders' });
const rowOf = (page: Page, number: string) => page.getByRole('row').filter({ hasText: number });

test.use({ viewport: sizes.desktop });

test('the sidebar lists collections, with those of the system folded away', async ({ dashboard, page }) => {
  await dashboard.open('/c');
  const navigation = page.getByRole('navigation', { name: 'Main' });
  for (const name of ['customers', 'drafts', 'orders', 'order_totals', 'users']) {
    await expect(navigation.getByRole('link', { name })).toBeVisible();
  }
  await expect(navigation.getByRole('link', { name: '_superusers' })).toBeHidden();
  await navigation.locator('summary').click();
  await expect(navigation.getByRole('link', { name: '_superusers' })).toBeVisible();

  await page.keyboard.press('/');
  await page.keyboard.type('total');
  await expect(navigation.getByRole('link', { name: 'orders', exact: false })).toHaveCount(0);
  await navigation.getByRole('link', { name: 'order_totals' }).click();
  await expect(page.getByRole('heading', { name: 'order_totals' })).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Records of order_totals' })).toBeVisible();
});

test('the overview counts the records', async ({ dashboard, page }) => {
  await dashboard.open('/c');
  const main = page.getByRole('main');
  await expect(main.getByRole('link', { name: /orders.*Base.*250/ })).toBeVisible();
  await expect(main.getByRole('link', { name: /drafts.*Base.*0/ })).toBeVisible();
});

test('the grid shows every field type', async ({ dashboard, page }) => {
  await completeAnswers(page);
  await dashboard.open('/c/orders');
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(orderCount + 1));
  const row = rowOf(page, fullOrder.number);
  const cell = async (name: string) => {
    const header = page.getByRole('columnheader', { name, exact: true });
    return row.locator(`[aria-colindex="${(await header.getAttribute('aria-colindex')) ?? ''}"]`);
  };

  await expect(row.getByRole('link', { name: `Open ${fullOrder.number}` })).toBeVisible();
  await expect((await cell('customer')).getByRole('link')).toHaveText(/^[A-Z]\w+ [A-Z]\w+$/);
  await expect(await cell('status')).toHaveText('paid');
  await expect(await cell('total')).toHaveText('1,234.50');
  await expect(await cell('paid')).toHaveText('yes');
  await expect(await cell('due')).toHaveText('14 Apr 2026');
  await expect(await cell('tags')).toHaveText(/^rushgift\+2/);
  await expect(await cell('contact')).toHaveText(fullOrder.contact);
  await expect(await cell('tracking')).toHaveText(fullOrder.tracking);
  await expect(await cell('note')).toHaveText('Ring twice');
  await expect(await cell('meta')).toHaveText('{"parts":[1,2,3],"to":{"city":"Berlin"},"weight":2.5}');
  await expect(await cell('place')).toHaveText('52.50, 13.40');
  await expect((await cell('photos')).locator('img')).toHaveCount(2);
  await expect(await cell('photos')).toHaveText(/\+1/);
  await expect((await cell('invoice')).locator('img')).toHaveCount(1);
  await expect((await cell('watchers')).getByRole('link')).toHaveCount(2);
  await expect(await cell('pin')).toHaveText(/Never shown/);
  await expect(await cell('created')).toHaveText(/ago|now/);
  for (const image of await row.locator('img').all()) {
    await image.scrollIntoViewIfNeeded();
    await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(100);
  }

  const empty = rowOf(page, 'a number that is far longer');
  await expect(empty.locator('[role="gridcell"]', { hasText: /^–empty$/ })).not.toHaveCount(0);
  for (const box of await page.getByRole('row').all()) expect((await box.boundingBox())?.height).toBe(36);
});

test('a heading sorts, and the address keeps it', async ({ dashboard, page }) => {
  await dashboard.open('/c/orders');
  const first = page.getByRole('row').nth(1);
  await expect(first).toContainText('a number that is far longer');
  await page.getByRole('button', { name: 'number' }).click();
  await expect(page).toHaveURL(/\?sort=number$/);
  await expect(page.getByRole('columnheader', { name: 'number' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(page.getByRole('row').nth(2)).toContainText(orderNumber(1));
  await page.getByRole('button', { name: 'number' }).click();
  await expect(page).toHaveURL(/\?sort=-number$/);
  await expect(first).toContainText(fullOrder.number);
  await page.reload();
  await expect(first).toContainText(fullOrder.number);
  await page.getByRole('button', { name: 'number' }).click();
  await expect(page).toHaveURL(/#\/c\/orders$/);
  await page.goBack();
  await expect(page).toHaveURL(/\?sort=-number$/);
});

test('scrolling reaches the last record and mounts only what is in sight', async ({ dashboard, page }) => {
  await dashboard.open('/c/orders?sort=number');
  await expect(page.getByText('of 250 records')).toBeVisible();
  await grid(page).evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
  await expect(rowOf(page, fullOrder.number)).toBeVisible();
  await expect(page.getByText(`–${orderCount} of ${orderCount} records`)).toBeVisible();
  expect(await page.getByRole('row').count()).toBeLessThan(45);
  expect(await page.locator('*').count()).toBeLessThan(2500);
});

test('the keyboard moves in the grid, opens a record and comes back', async ({ dashboard, page }) => {
  await dashboard.open('/c/orders?sort=number');
  await expect(rowOf(page, orderNumber(1))).toBeVisible();
  await grid(page).focus();
  await page.keyboard.press('Control+End');
  await expect(rowOf(page, fullOrder.number)).toBeVisible();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('o');
  await expect(page.getByRole('region', { name: `Record ${orderNumber(1)}` })).toBeVisible();
  await expect(page.getByRole('heading', { name: orderNumber(1) })).toBeFocused();
  await page.keyboard.press('j');
  await expect(page.getByRole('heading', { name: orderNumber(2) })).toBeVisible();
  await page.keyboard.press('f');
  await expect(grid(page)).toBeHidden();
  await page.keyboard.press('f');
  await expect(grid(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('region', { name: /^Record / })).toBeHidden();
  await expect(grid(page)).toBeFocused();
  await expect(page).toHaveURL(/#\/c\/orders\?sort=number$/);
});

test('the panel shows a record in full beside the grid', async ({ dashboard, page }) => {
  await completeAnswers(page);
  await dashboard.open('/c/orders');
  await page.getByRole('link', { name: `Open ${fullOrder.number}` }).click();
  const panel = page.getByRole('region', { name: `Record ${fullOrder.number}` });
  await expect(page.getByRole('link', { name: 'Records', exact: true })).toHaveAttribute(
    'aria-current',
    'page',
  );
  await expect(panel).toBeVisible();
  await expect(grid(page)).toBeVisible();
  const frame = (name: string) => panel.locator(`[data-field="${name}"]`);
  await expect(panel.getByLabel('due', { exact: true })).toHaveValue('2026-04-14 12:00');
  await expect(frame('due')).toContainText('Europe/Berlin. Stored as 2026-04-14 10:00:00 UTC.');
  await expect(frame('tags').locator('button[aria-pressed=true]')).toHaveText([
    'rush',
    'gift',
    'vip',
    'fragile',
  ]);
  await expect(panel.getByLabel('contact')).toHaveValue(fullOrder.contact);
  await expect(panel.getByLabel('tracking')).toHaveValue(fullOrder.tracking);
  await expect(panel.getByLabel('note', { exact: true })).toHaveValue(fullOrder.note);
  await expect(panel.getByLabel('Latitude')).toHaveValue('52.5');
  await expect(panel.getByLabel('Longitude')).toHaveValue('13.4');
  await expect(frame('photos').getByRole('listitem')).toHaveCount(3);
  await expect(frame('watchers').getByRole('link')).toHaveCount(3);
  await expect(frame('invoice').getByRole('link')).toHaveAttribute('href', /invoice\.png\?token=file-token$/);
  await expect(panel.getByRole('button', { name: 'Save' })).toBeHidden();

  await panel.getByText('JSON', { exact: true }).click();
  await expect(panel.getByText(`"number": "${fullOrder.number}"`)).toBeVisible();
  await panel.getByText('Fields', { exact: true }).click();
  await frame('watchers').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'customers' })).toBeVisible();
  await expect(page.getByRole('region', { name: /^Record [A-Z]\w+ [A-Z]\w+$/ })).toBeVisible();
});

test('a record of a view is shown, not edited', async ({ dashboard, page }) => {
  await dashboard.open('/c/order_totals');
  await expect(page.getByRole('button', { name: 'New record' })).toBeHidden();
  await page.getByRole('row').nth(1).getByRole('link').click();
  const panel = page.getByRole('region', { name: /^Record L-/ });
  await expect(panel.locator('dd').first()).toContainText('L-');
  await expect(panel.getByRole('textbox')).toHaveCount(0);
  await panel.getByRole('button', { name: 'More acts on this record' }).click();
  await expect(page.getByRole('menuitem')).toHaveText(['Copy JSON']);
});

test('a view, an empty collection and missing ones have screens of their own', async ({
  dashboard,
  page,
}) => {
  await dashboard.open('/c/order_totals?sort=-total');
  await expect(page.getByRole('grid', { name: 'Records of order_totals' })).toBeVisible();
  await dashboard.open('/c/drafts');
  await expect(page.getByRole('heading', { name: 'No records in drafts yet' })).toBeVisible();
  await expect(page.getByText('"title": "A title"')).toBeVisible();
  await dashboard.open('/c/nothing');
  await expect(page.getByRole('heading', { name: 'No such collection' })).toBeVisible();
  await dashboard.open('/c/orders/r/nothing');
  await expect(page.getByRole('heading', { name: 'No such record' })).toBeVisible();
  await dashboard.open('/c/orders?sort=colour');
  await expect(page.getByRole('heading', { name: 'These records cannot be sorted like that' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear the sort' }).click();
  await expect(grid(page)).toBeVisible();
  await dashboard.open('/nowhere');
  await expect(page.getByRole('heading', { name: 'No such page' })).toBeVisible();
});

test('refused, failed and loading look different, and a retry works', async ({ dashboard, page }) => {
  const records = '**/api/collections/orders/records?*';
  await page.route(records, (route) =>
    route.fulfill({ status: 403, json: { status: 403, message: 'No.', data: {} } }),
  );
  await dashboard.open('/c/orders');
  await expect(page.getByRole('heading', { name: 'The server refused this' })).toBeVisible();
  await page.unroute(records);
  await page.route(records, (route) => route.fulfill({ status: 500, body: '' }));
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'The server could not answer' })).toBeVisible();
  await page.unroute(records);
  await page.route(records, () => undefined);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('status', { name: 'Loading' })).toBeVisible();
  await page.unroute(records);
  await page.getByRole('button', { name: 'Reload records' }).click();
  await expect(grid(page)).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: sizes.phone, hasTouch: true });

  test('records are cards, and one opens as a page', async ({ dashboard, page }) => {
    await dashboard.open('/c');
    await page
      .getByRole('main')
      .getByRole('link', { name: /^orders/ })
      .tap();
    const list = page.getByRole('list', { name: 'Records of orders' });
    await expect(list.getByRole('listitem').first()).toBeVisible();
    expect((await list.getByRole('listitem').first().boundingBox())?.height).toBe(68);
    await expect(page.getByText('250 records')).toBeVisible();
    await page.getByLabel('Sort').selectOption('-number');
    await expect(page).toHaveURL(/\?sort=-number$/);
    await expect(list.getByRole('listitem').first()).toContainText(fullOrder.number);
    await list.getByRole('link', { name: fullOrder.number }).tap();
    await expect(page.getByRole('heading', { name: fullOrder.number })).toBeVisible();
    await expect(list).toBeHidden();
    await page.getByRole('button', { name: 'Back to orders' }).tap();
    await expect(list).toBeVisible();
    await page.getByRole('link', { name: 'Data' }).tap();
    await expect(page.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
  });

  test('nothing is wider than the window', async ({ dashboard, page }) => {
    for (const route of ['/c', '/c/orders', '/c/drafts', '/c/nothing', '/login', '/setup']) {
      await dashboard.open(route);
      await page.waitForLoadState('networkidle');
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      expect(wider, route).toBe(false);
    }
  });

  test('the theme is switched and kept', async ({ dashboard, page }) => {
    await dashboard.open('/c');
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: 'More' }).tap();
    await page.getByText('Dark', { exact: true }).tap();
    expect(await background()).not.toBe(light);
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
    expect(await background()).not.toBe(light);
  });
});
