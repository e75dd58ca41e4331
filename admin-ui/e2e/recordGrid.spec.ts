import type { Page } from '@playwright/test';
import { expect, sizes, test } from './fixtures';
import type { ApiClient } from './seed';

const statuses = ['new', 'paid', 'shipped'];

/** A collection of its own with twenty records, and others that point to them. */
const makeTasks = async (api: ApiClient, name: string): Promise<void> => {
  const { id } = await api.post('collections', {
    name,
    type: 'base',
    fields: [
      { name: 'title', type: 'text', required: true, presentable: true },
      { name: 'status', type: 'select', values: statuses, maxSelect: 1 },
      { name: 'points', type: 'number', max: 50 },
      { name: 'done', type: 'bool' },
      { name: 'contact', type: 'email' },
      { name: 'due', type: 'date' },
    ],
    indexes: [`CREATE UNIQUE INDEX idx_${name} ON ${name} (title)`],
  });
  await api.post('collections', {
    name: `${name}_notes`,
    type: 'base',
    fields: [{ name: 'task', type: 'relation', collectionId: id, maxSelect: 1, cascadeDelete: true }],
  });
  for (let index = 1; index <= 20; index++) {
    const { id: task } = await api.post(`collections/${name}/records`, {
      title: `Task ${String(index).padStart(2, '0')}`,
      status: statuses[index % 3],
      points: index,
    });
    if (index > 17) await api.post(`collections/${name}_notes/records`, { task });
  }
};

const grid = (page: Page) => page.getByRole('grid');
const row = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title });
const valueOf = async (api: ApiClient, name: string, title: string, field: string): Promise<unknown> => {
  const { items } = await api.get(
    `collections/${name}/records?filter=${encodeURIComponent(`title = "${title}"`)}`,
  );
  return (items as Record<string, unknown>[])[0]?.[field];
};

const clicksOn = async (page: Page): Promise<() => Promise<number>> => {
  await page.evaluate(() => {
    Object.assign(window, { presses: 0 });
    const count = () =>
      Object.assign(window, { presses: (window as unknown as { presses: number }).presses + 1 });
    window.addEventListener('pointerdown', count, true);
  });
  return () => page.evaluate(() => (window as unknown as { presses: number }).presses);
};

test.describe('on a desktop', () => {
  test.use({ viewport: sizes.desktop });

  test('ten records are deleted in four presses, with what goes with them', async ({
    dashboard,
    page,
    api,
  }) => {
    await makeTasks(api, 'tasks_delete');
    await dashboard.open('/c/tasks_delete');
    await expect(row(page, 'Task 20')).toBeVisible();
    const clicks = await clicksOn(page);
    await page.getByRole('checkbox', { name: 'Select Task 20' }).click();
    await page.getByRole('checkbox', { name: 'Select Task 11' }).click({ modifiers: ['Shift'] });
    await expect(page.getByText('10 of 20 selected')).toBeVisible();
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete 10 tasks_delete?' });
    await expect(dialog).toContainText('3 of tasks_delete_notes (task)');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await dialog.getByRole('button', { name: 'Delete 10 tasks_delete' }).click();
    expect(await clicks()).toBeLessThanOrEqual(4);
    await expect(dialog).toBeHidden();
    await expect(grid(page)).toHaveAttribute('aria-rowcount', '11');
    expect((await api.get('collections/tasks_delete/records')).totalItems).toBe(10);
    expect((await api.get('collections/tasks_delete_notes/records')).totalItems).toBe(0);
  });

  test('many are edited at once, and those that were refused stay selected', async ({
    dashboard,
    page,
    api,
  }) => {
    await makeTasks(api, 'tasks_bulk');
    await dashboard.open('/c/tasks_bulk');
    await grid(page).focus();
    await page.keyboard.press('Space');
    for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+ArrowDown');
    await expect(page.getByText('4 of 20 selected')).toBeVisible();
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog', { name: 'Edit 4 records' });
    await dialog.getByLabel('Field', { exact: true }).selectOption('status');
    await dialog.getByRole('button', { name: 'paid' }).click();
    await expect(dialog).toContainText('1 of 4 records in the list have this already.');
    await dialog.getByRole('button', { name: 'Apply to 4 records' }).click();
    await expect(dialog).toBeHidden();
    for (const title of ['Task 20', 'Task 17']) {
      expect(await valueOf(api, 'tasks_bulk', title, 'status')).toBe('paid');
    }
    await expect(row(page, 'Task 17')).toContainText('paid');

    // Only one record can have the title: the others are refused.
    await page.getByRole('checkbox', { name: 'Select Task 05' }).click();
    await page.getByRole('checkbox', { name: 'Select Task 04' }).click();
    await page.getByRole('button', { name: 'Edit…' }).click();
    const second = page.getByRole('dialog', { name: 'Edit 2 records' });
    await second.getByLabel('Field', { exact: true }).selectOption('title');
    await second.getByRole('textbox').fill('Task 01');
    await second.getByRole('button', { name: 'Apply to 2 records' }).click();
    await expect(second.getByRole('alert')).toContainText('2 records were not changed.');
    await expect(second.getByRole('alert')).toContainText('Another record has this value already.');
    await second.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByText('2 of 20 selected')).toBeVisible();
  });

  test('cells are edited in place, by keys and by mouse', async ({ dashboard, page, api }) => {
    await makeTasks(api, 'tasks_inline');
    const name = 'tasks_inline';
    await dashboard.open(`/c/${name}`);
    await expect(row(page, 'Task 20')).toBeVisible();
    await grid(page).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const points = page.getByRole('textbox', { name: 'points of Task 20' });
    await expect(points).toBeFocused();
    await points.fill('12,5');
    await points.press('Tab');
    await expect.poll(() => valueOf(api, name, 'Task 20', 'points')).toBe(12.5);
    await expect(grid(page)).toBeFocused();

    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('F2');
    await points.fill('99');
    await points.press('Enter');
    await expect(row(page, 'Task 20')).toContainText('Use 50 or less.');
    await expect(points).toHaveValue('99');
    await points.press('Escape');
    await expect(points).toBeHidden();
    await expect(grid(page)).toBeFocused();
    expect(await valueOf(api, name, 'Task 20', 'points')).toBe(12.5);

    const clicks = await clicksOn(page);
    await row(page, 'Task 19').getByRole('button', { name: /^–?no/ }).click();
    await expect.poll(() => valueOf(api, name, 'Task 19', 'done')).toBe(true);
    expect(await clicks()).toBe(1);
    await row(page, 'Task 18').locator('[data-column="1"]').click();
    await page.getByRole('option', { name: 'shipped' }).click();
    await expect.poll(() => valueOf(api, name, 'Task 18', 'status')).toBe('shipped');
    expect(await clicks()).toBe(3);
    await expect(page.getByRole('region', { name: /^Record/ })).toHaveCount(0);
  });

  test('columns are hidden, moved and resized, and stay so', async ({ dashboard, page }) => {
    await dashboard.open('/c/orders');
    const head = (name: string) => page.getByRole('columnheader', { name, exact: true });
    await head('total').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Move left' }).click();
    await head('customer').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Hide' }).click();
    await expect(head('customer')).toHaveCount(0);
    const before = await head('status').boundingBox();
    const edge = page.locator('[data-resize=status]');
    await edge.hover();
    await page.mouse.down();
    await page.mouse.move((before?.x ?? 0) + (before?.width ?? 0) + 80, (before?.y ?? 0) + 10);
    await page.mouse.up();
    const wide = (await head('status').boundingBox())?.width ?? 0;
    expect(wide).toBeGreaterThan((before?.width ?? 0) + 60);
    await page.reload();
    await expect(page.getByRole('columnheader').nth(2)).toHaveText('total');
    await expect(head('customer')).toHaveCount(0);
    expect((await head('status').boundingBox())?.width).toBeCloseTo(wide, 0);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('switch', { name: 'customer' }).click();
    await page.getByRole('button', { name: 'Reset the columns' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await expect(page.getByRole('columnheader').nth(2)).toHaveText('customer');
  });

  test('words and filters find records, and what is wrong is told at the word', async ({
    dashboard,
    page,
  }) => {
    await dashboard.open('/c/orders');
    await expect(grid(page)).toHaveAttribute('aria-rowcount', '251');
    await page.keyboard.press('/');
    await page.keyboard.type('L-00017');
    await expect(grid(page)).toHaveAttribute('aria-rowcount', '2');
    await expect(page).toHaveURL(/q=L-00017/);
    const box = page.getByRole('combobox', { name: 'Search orders' });
    await box.fill('nothing has these words');
    await expect(page.getByRole('heading', { name: 'No record matches' })).toBeVisible();
    await page.getByRole('button', { name: 'Clear search and filter' }).click();
    await expect(grid(page)).toHaveAttribute('aria-rowcount', '251');

    await box.fill('stat');
    await page.getByRole('option', { name: 'status' }).click();
    await page.getByRole('option', { name: '= status', exact: true }).click();
    await page.getByRole('option', { name: /"paid"/ }).click();
    await expect(box).toHaveValue('status = "paid"');
    await box.press('Enter');
    await expect(page.getByRole('button', { name: 'Edit the filter status = "paid"' })).toBeVisible();
    await expect(grid(page)).not.toHaveAttribute('aria-rowcount', '251');
    const count = (await grid(page).getAttribute('aria-rowcount')) ?? '';

    await box.fill('custmer = "x"');
    await box.press('Enter');
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('No field “custmer”. Did you mean customer?');
    await expect(alert.locator('mark')).toHaveText('custmer');
    await expect(grid(page)).toHaveAttribute('aria-rowcount', count);
    await box.fill('');

    await row(page, 'L-00245').locator('[data-column="4"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Exclude this' }).click();
    await expect(page.getByRole('button', { name: 'Edit the filter paid != false' })).toBeVisible();
    await expect(row(page, 'L-00245')).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole('button', { name: 'Edit the filter paid != false' })).toBeVisible();
    await page.getByRole('button', { name: 'Remove the filter status = "paid"' }).click();
    await expect(page).toHaveURL(/filter=paid/);
    await box.fill('hana');
    await expect(page).toHaveURL(/q=hana/);
    await page.getByRole('button', { name: 'Remove the filter paid != false' }).click();
    await expect(page).not.toHaveURL(/filter=/);
    await page.goBack();
    await expect(page).toHaveURL(/filter=paid/);
    await expect(box).toHaveValue('hana');
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: sizes.phone, hasTouch: true });

  test('ten records are deleted', async ({ dashboard, page, api }) => {
    await makeTasks(api, 'tasks_phone');
    await dashboard.open('/c/tasks_phone');
    for (let index = 11; index <= 20; index++) {
      await page.getByRole('checkbox', { name: `Select Task ${index}` }).tap();
    }
    await page.getByRole('button', { name: 'Delete…' }).tap();
    await page.getByRole('button', { name: 'Delete 10 tasks_phone' }).tap();
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect.poll(async () => (await api.get('collections/tasks_phone/records')).totalItems).toBe(10);
    await expect(page.getByText('10 records')).toBeVisible();
  });
});
