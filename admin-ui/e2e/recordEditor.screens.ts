import { fullOrder } from './seed';
import { expect, schemes, sizes, test } from './fixtures';

for (const scheme of schemes) {
  for (const [size, viewport] of Object.entries({ desktop: sizes.desktop, phone: sizes.phone })) {
    test.describe(`${size} ${scheme}`, () => {
      test.use({ colorScheme: scheme, viewport, hasTouch: size !== 'desktop' });
      const path = (name: string) => `test-results/screens/${name}-${size}-${scheme}.png`;

      test('editing', async ({ dashboard, page }) => {
        await dashboard.open('/c/orders');
        await page.getByRole('link', { name: fullOrder.number }).click();
        const panel = page.getByRole('region', { name: `Record ${fullOrder.number}` });
        await expect(panel.getByLabel('total')).toHaveValue('1234.5');
        await panel.getByLabel('total').fill('12,x');
        await panel.getByLabel('due', { exact: true }).fill('31 February');
        await panel.getByRole('textbox', { name: 'number required' }).fill('L-99998');
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: path('editor') });
        await panel.getByRole('button', { name: 'Save' }).click();
        await expect(panel.getByRole('alert')).toBeVisible();
        await page.screenshot({ path: path('editor-problems') });
        await panel.locator('[data-field=meta]').scrollIntoViewIfNeeded();
        await panel.getByLabel('meta').fill('{"weight": 2,\n "parts": [1 2]}');
        await page.screenshot({ path: path('editor-middle') });
        await panel.locator('[data-field=watchers]').scrollIntoViewIfNeeded();
        await panel.getByRole('combobox', { name: 'watchers' }).click();
        await expect(panel.getByRole('option').first()).toBeVisible();
        await page.screenshot({ path: path('editor-relations') });
        await panel
          .getByRole('button', { name: size === 'phone' ? 'Back to orders' : 'Close the record' })
          .click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await page.screenshot({ path: path('editor-leave') });
        await page.getByRole('button', { name: /^Discard/ }).click();
        await dashboard.open('/c/orders/r/new');
        await expect(page.getByRole('heading', { name: 'New record in orders' })).toBeVisible();
        await page.screenshot({ path: path('editor-new') });
      });

      test('selecting and deleting', async ({ dashboard, page }) => {
        await dashboard.open('/c/orders');
        for (const number of ['L-00248', 'L-00247', 'L-00246']) {
          await page.getByRole('checkbox', { name: `Select ${number}` }).click();
        }
        await page.screenshot({ path: path('selection') });
        await page.getByRole('button', { name: 'Edit…' }).click();
        await page.getByLabel('Field', { exact: true }).selectOption('status');
        await page.getByRole('dialog').getByRole('button', { name: 'paid' }).click();
        await page.screenshot({ path: path('bulk-edit') });
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Delete…' }).click();
        await expect(page.getByRole('button', { name: 'Delete 3 orders' })).toBeVisible();
        await page.screenshot({ path: path('bulk-delete') });
      });

      if (size === 'desktop') {
        test('in the grid', async ({ dashboard, page }) => {
          await dashboard.open('/c/orders');
          const row = page.getByRole('row').filter({ hasText: 'L-00247' });
          await row.getByText('buyer247@example.org').dblclick();
          await page.keyboard.type('not an address');
          await page.keyboard.press('Enter');
          await expect(row.getByText('Use an e-mail address')).toBeVisible();
          await page.screenshot({ path: path('inline-refused') });
          await page.keyboard.press('Escape');
          await row.locator('[role=gridcell]').nth(3).click();
          await expect(page.getByRole('listbox')).toBeVisible();
          await page.screenshot({ path: path('inline-select') });
          await page.keyboard.press('Escape');
          await row.locator('[role=gridcell]').nth(3).click({ button: 'right' });
          await page.screenshot({ path: path('cell-menu') });
          await page.keyboard.press('Escape');
          await page.getByRole('columnheader', { name: 'total' }).click({ button: 'right' });
          await page.screenshot({ path: path('column-menu') });
          await page.keyboard.press('Escape');
          await page.getByRole('button', { name: 'Columns' }).click();
          await page.screenshot({ path: path('columns') });
        });
      }
    });
  }
}
