import { completeAnswers } from './completeAnswers';
import { fullOrder } from './seed';
import { expect, schemes, sizes, test } from './fixtures';
import { Server } from './server';

const refused = {
  status: 403,
  json: { status: 403, message: 'You are not allowed to perform this request.', data: {} },
};

for (const scheme of schemes) {
  for (const [size, viewport] of Object.entries(sizes)) {
    test.describe(`${size} ${scheme}`, () => {
      test.use({ colorScheme: scheme, viewport, hasTouch: size !== 'desktop' });
      const path = (name: string) => `test-results/screens/${name}-${size}-${scheme}.png`;

      test('data', async ({ dashboard, page }) => {
        await dashboard.open('/c');
        await expect(page.getByText('drafts').last()).toBeVisible();
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: path('data') });
      });

      test('records', async ({ dashboard, page }) => {
        await completeAnswers(page);
        await dashboard.open('/c/orders');
        await expect(page.getByText(fullOrder.number).first()).toBeVisible();
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: path('records') });
        if (size === 'desktop') {
          await page.getByRole('grid').focus();
          await page.keyboard.press('ArrowDown');
          for (let step = 0; step < 8; step++) await page.keyboard.press('ArrowRight');
          await page.screenshot({ path: path('records-keyboard') });
        }
        await dashboard.open('/c/order_totals?sort=-total');
        await expect(page.getByRole('heading', { name: 'order_totals' })).toBeVisible();
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: path('view') });

        await dashboard.open('/c/orders');
        await page.getByText(fullOrder.number).first().click();
        await expect(page.getByRole('heading', { name: fullOrder.number })).toBeVisible();
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: path('record') });
        await page.getByText('pin', { exact: true }).last().scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('record-end') });
        await page.getByText('JSON', { exact: true }).last().click();
        await page.screenshot({ path: path('record-json') });
      });

      test('states', async ({ dashboard, page }) => {
        await dashboard.open('/c/drafts');
        await expect(page.getByText('No records in drafts yet')).toBeVisible();
        await page.screenshot({ path: path('empty') });
        await dashboard.open('/c/nothing');
        await expect(page.getByText('No such collection')).toBeVisible();
        await page.screenshot({ path: path('missing-collection') });
        await dashboard.open('/c/orders/r/nothing');
        await expect(page.getByText('No such record')).toBeVisible();
        await page.screenshot({ path: path('missing-record') });
        await dashboard.open('/nothing');
        await expect(page.getByText('No such page')).toBeVisible();
        await page.screenshot({ path: path('missing-page') });
        await dashboard.open('/c/orders?sort=colour');
        await expect(page.getByText('cannot be sorted')).toBeVisible();
        await page.screenshot({ path: path('bad-sort') });
        await page.route('**/api/collections/customers/records*', (route) => route.fulfill(refused));
        await dashboard.open('/c/customers');
        await expect(page.getByText('The server refused this')).toBeVisible();
        await page.screenshot({ path: path('refused') });
        await page.unrouteAll();
        await page.route('**/api/collections/users/records*', (route) =>
          route.fulfill({ status: 500, body: '' }),
        );
        await dashboard.open('/c/users');
        await expect(page.getByText('The server could not answer')).toBeVisible();
        await page.screenshot({ path: path('failed') });
        await page.route('**/api/**', (route) => route.abort());
        await dashboard.open('/c/order_totals');
        await expect(page.getByText('does not answer. Trying')).toBeVisible({ timeout: 10_000 });
        await page.screenshot({ path: path('offline') });
      });

      test('loading', async ({ dashboard, page }) => {
        await page.route('**/records*', () => undefined);
        await dashboard.open('/c/orders');
        await expect(page.getByRole('status', { name: 'Loading' })).toBeVisible();
        await page.waitForFunction(() =>
          document.getAnimations().every(({ playState }) => playState === 'finished'),
        );
        await page.screenshot({ path: path('loading') });
      });

      test('shell', async ({ dashboard, page }) => {
        await dashboard.open('/c');
        await expect(page.getByText('drafts').last()).toBeVisible();
        if (size === 'phone') {
          await page.getByRole('button', { name: 'More' }).click();
        } else {
          await page.getByRole('button', { name: 'Account' }).click();
        }
        await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
        await page.screenshot({ path: path('account') });
        await page.keyboard.press('Escape');
        if (size !== 'phone') {
          await page.keyboard.press('?');
          await page.screenshot({ path: path('keys') });
          await page.keyboard.press('Escape');
        }
        if (size === 'tablet') {
          await page.getByRole('button', { name: 'Collections' }).click();
          await page.screenshot({ path: path('collections-sheet') });
        }
      });

      test('gate', async ({ page, server }) => {
        await page.goto(`${server.dashboardUrl}#/login`);
        await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
        await page.screenshot({ path: path('login') });
        await page.getByLabel('E-mail').fill('ana@example.org');
        await page.getByLabel('Password', { exact: true }).fill('wrong');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('alert')).toBeVisible();
        await page.screenshot({ path: path('login-wrong') });
        await page.goto(`${server.dashboardUrl}#/setup`);
        await page.screenshot({ path: path('setup-guide') });
        await page.goto(`${server.dashboardUrl}#/pbinstall/used-up`);
        await expect(page.getByText('no longer works')).toBeVisible();
        await page.screenshot({ path: path('setup-used') });

        const fresh = await Server.start({ withSuperuser: false });
        try {
          await page.goto(`${fresh.dashboardUrl}#${await fresh.setupRoute()}`);
          await page.getByLabel('E-mail').fill('ana');
          await page.getByLabel('Password', { exact: true }).fill('short');
          await page.keyboard.press('Enter');
          await page.screenshot({ path: path('setup') });
          await page.getByLabel('E-mail').fill('ana@example.org');
          await page.getByLabel('Password', { exact: true }).fill('a-long-password');
          await page.keyboard.press('Enter');
          await expect(page.getByRole('heading', { name: 'Data' })).toBeVisible();
          await page.waitForLoadState('networkidle');
          await page.screenshot({ path: path('data-fresh') });
        } finally {
          await fresh.stop();
        }
      });
    });
  }
}
