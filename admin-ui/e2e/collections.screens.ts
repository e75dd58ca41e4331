import { expect, schemes, sizes, test } from './fixtures';

const { desktop, phone } = sizes;

for (const scheme of schemes) {
  for (const [size, viewport] of Object.entries({ desktop, phone })) {
    test.describe(`${size} ${scheme}`, () => {
      test.use({ colorScheme: scheme, viewport, hasTouch: size !== 'desktop' });
      const path = (name: string) => `test-results/screens/shape-${name}-${size}-${scheme}.png`;

      test('fields', async ({ dashboard, page }) => {
        await dashboard.open('/c/orders/fields');
        await expect(page.getByRole('button', { name: 'Add field' })).toBeVisible();
        await page.screenshot({ path: path('fields') });
        await page.getByRole('button', { name: /status/, expanded: false }).click();
        await page.getByLabel('Values').fill('lost,');
        await page.getByRole('textbox', { name: 'Name of the new field' }).fill('total');
        await page.getByRole('button', { name: 'Add field' }).click();
        await expect(page.getByText('There is a field total already.')).toBeVisible();
        await page.getByRole('button', { name: /status/, expanded: true }).scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('fields-open') });
        await page.getByRole('button', { name: 'Delete field…' }).click();
        await expect(page.getByRole('dialog')).toContainText('250 records');
        await page.screenshot({ path: path('field-delete') });
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.getByRole('button', { name: 'Add an index' }).click();
        await page.getByLabel('Fields, in order').fill('due,total,');
        await page.getByRole('button', { name: 'Delete collection…' }).scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('fields-end') });
        await page.getByRole('button', { name: 'Discard' }).click();
        await dashboard.open('/c/order_totals/fields');
        await expect(page.getByText('Shows 4 fields')).toBeVisible();
        await page.screenshot({ path: path('view') });
        await page.getByLabel('Query of the view').fill('select nothing');
        await expect(page.getByText('The query does not work.')).toBeVisible();
        await page.screenshot({ path: path('view-wrong') });
        await page.getByRole('button', { name: 'Discard' }).click();
        await dashboard.open('/new');
        await expect(page.getByRole('button', { name: 'Create collection' })).toBeVisible();
        await page.screenshot({ path: path('new') });
        await page.getByRole('button', { name: 'Create collection' }).click();
        await expect(page.getByText('Give the collection a name.')).toBeVisible();
        await page.screenshot({ path: path('new-wrong') });
        await dashboard.open('/c/orders');
        await expect(page.getByText('L-99999').first()).toBeVisible();
        await page.screenshot({ path: path('records') });
      });

      test('rules', async ({ dashboard, page }) => {
        await dashboard.open('/c/orders/rules');
        await page.getByRole('button', { name: 'Signed in' }).click();
        await expect(page.getByText('Lets 0 of')).toBeVisible();
        await page.screenshot({ path: path('rules') });
        const rule = page.getByRole('textbox', { name: 'Who may list records?' });
        await rule.fill('status = "paid" && total > 20 || contact:lower ~ "hana" // our own');
        await expect(page.getByText(/Lets [1-9]/)).toBeVisible();
        await page.getByRole('button', { name: /L-00248/ }).click();
        await page.screenshot({ path: path('rules-tested'), fullPage: true });
        await rule.fill('custmer = 1');
        await expect(page.getByText('Unknown field').first()).toBeVisible();
        await page.screenshot({ path: path('rules-wrong') });
        await rule.fill('@request.auth.');
        await page.keyboard.press('Control+Space');
        await page.screenshot({ path: path('rules-complete') });
        await page.getByText('Everyone', { exact: true }).click();
        await page.screenshot({ path: path('rules-everyone') });
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await page.screenshot({ path: path('rules-open') });
      });

      test('options', async ({ dashboard, page }) => {
        await dashboard.open('/c/users/options');
        await page.getByRole('switch', { name: 'Providers' }).check();
        await page.screenshot({ path: path('options') });
        await page.getByRole('combobox', { name: 'Add a provider' }).selectOption({ label: 'GitHub' });
        await page.getByRole('switch', { name: 'One-time code' }).check();
        await page.getByRole('switch', { name: 'Second factor' }).check();
        await page.getByRole('textbox', { name: 'Client id' }).scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('options-provider') });
        await page.getByText('Kept from the profile').scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('options-mapped') });
        await page.getByRole('button', { name: 'New secret for sign-in' }).click();
        await page.screenshot({ path: path('options-tokens') });
        await page.getByRole('button', { name: 'Confirm an address' }).click();
        await page.getByText('Preview', { exact: true }).scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('options-mail') });
      });

      test('calls', async ({ dashboard, page }) => {
        await dashboard.open('/c/orders/api?call=create&lang=js');
        await expect(page.getByRole('heading', { name: 'Create a record' })).toBeVisible();
        await page.screenshot({ path: path('calls') });
      });

      test('schema', async ({ dashboard, page }) => {
        await dashboard.open('/schema/export');
        await expect(page.getByRole('button', { name: /^Download/ })).toBeVisible();
        await page.screenshot({ path: path('export') });
        await dashboard.open('/schema/import');
        await page.getByLabel('Or paste its text').fill('[{"name":"orders","listRule":""},{"name":"tags"}]');
        await page.getByRole('switch').check();
        await expect(page.getByText(/^Would change/)).toBeVisible();
        await page.getByRole('button', { name: /^Change/ }).scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('import') });
      });
    });
  }
}
