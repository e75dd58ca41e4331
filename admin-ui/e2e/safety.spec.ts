import { expect, expectAccessible, schemes, sizes, test } from './fixtures';
import { fullOrder } from './seed';

test('hostile content stays text, and nothing leaves the server', async ({ dashboard, page, server }) => {
  const elsewhere: string[] = [];
  const problems: string[] = [];
  const origin = new URL(server.dashboardUrl).origin;
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) elsewhere.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));

  await dashboard.open('/c/orders');
  await expect(page.getByText('a number that is far longer').first()).toBeVisible();
  await page.getByText('a number that is far longer').first().click();
  await expect(page.getByRole('region', { name: /^Record <img/ })).toBeVisible();
  await page.getByRole('link', { name: `Open ${fullOrder.number}` }).click();
  const panel = page.getByRole('region', { name: `Record ${fullOrder.number}` });
  await expect(panel.getByLabel('note', { exact: true })).toHaveValue(fullOrder.note);
  expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
  expect(elsewhere).toEqual([]);
  expect(problems).toEqual([]);
});

test('the preview of rich text runs nothing and loads nothing', async ({ dashboard, page, server }) => {
  const elsewhere: string[] = [];
  const origin = new URL(server.dashboardUrl).origin;
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('about:'))
      elsewhere.push(request.url());
  });
  await dashboard.open('/c/orders');
  await page.getByRole('link', { name: `Open ${fullOrder.number}` }).click();
  const note = page.locator('[data-field=note]');
  await note
    .getByRole('textbox')
    .fill(
      `${fullOrder.note}<img src="https://example.org/x.png"><link rel=stylesheet href="https://example.org/x.css">`,
    );
  await note.getByText('Preview', { exact: true }).click();
  const frame = page.frameLocator('iframe[title="Preview of note"]');
  await expect(frame.getByText('Ring twice')).toBeVisible();
  await expect(page.locator('iframe')).toHaveAttribute('sandbox', '');
  expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
  expect(elsewhere).toEqual([]);
});

const { desktop, phone } = sizes;

for (const colorScheme of schemes) {
  for (const [size, viewport] of Object.entries({ desktop, phone })) {
    test.describe(`accessible: ${size}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport });
      // Measuring the contrast of every cell takes its time.
      test.slow();

      test('the overview and the account menu', async ({ dashboard, page }) => {
        await dashboard.open('/c');
        await expect(page.getByRole('main').getByRole('link', { name: /^orders/ })).toBeVisible();
        await expectAccessible(page);
        await page.getByRole('button', { name: size === 'phone' ? 'More' : 'Account' }).click();
        await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
        await expectAccessible(page);
      });

      test('the records', async ({ dashboard, page }) => {
        await dashboard.open('/c/orders');
        await expect(page.getByText(fullOrder.number).first()).toBeVisible();
        await expectAccessible(page);
      });

      test('a record', async ({ dashboard, page }) => {
        await dashboard.open('/c/orders');
        await page.getByText(fullOrder.number).first().click();
        await expect(page.getByLabel('note', { exact: true })).toHaveValue(/Ring/);
        await expectAccessible(page);
      });

      test('the empty and the missing', async ({ dashboard, page }) => {
        await dashboard.open('/c/drafts');
        await expect(page.getByRole('heading', { name: 'No records in drafts yet' })).toBeVisible();
        await expectAccessible(page);
        await dashboard.open('/c/nothing');
        await expect(page.getByRole('heading', { name: 'No such collection' })).toBeVisible();
        await expectAccessible(page);
      });
    });
  }
}
