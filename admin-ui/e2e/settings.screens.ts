import { expect, schemes, sizes, test } from './fixtures';

const status = {
  transport: 'smtp',
  queued: 2,
  sent: 1284,
  failed: 3,
  lastError: {
    time: new Date(Date.now() - 3_600_000).toISOString().replace('T', ' '),
    message: 'smtp.example.org:587: the mail server refused the password: 535 Authentication failed',
  },
};

for (const scheme of schemes) {
  for (const [size, viewport] of Object.entries(sizes)) {
    test.describe(`${size} ${scheme}`, () => {
      test.use({ colorScheme: scheme, viewport, hasTouch: size !== 'desktop' });
      const path = (name: string) => `test-results/screens/settings-${name}-${size}-${scheme}.png`;

      test('settings', async ({ dashboard, page }) => {
        await page.route('**/api/settings/mail/status', (route) => route.fulfill({ json: status }));
        await page.route('**/api/settings/test/email', (route) =>
          route.fulfill({
            status: 400,
            json: {
              status: 400,
              message: 'The test mail was not sent: smtp.example.org:587: no answer.',
              data: {},
            },
          }),
        );
        await dashboard.open('/settings/mail');
        await expect(page.getByText('Latest failure')).toBeVisible();
        await page.screenshot({ path: path('mail-off') });
        await page.getByRole('switch').check();
        await page.getByLabel('Host').fill('');
        await page.getByRole('button', { name: 'Save' }).click();
        await expect(page.getByText('Fill this in.').first()).toBeVisible();
        await page.screenshot({ path: path('mail-wrong') });
        await page.getByRole('button', { name: 'Undo' }).click();
        await page.getByRole('switch').check();
        await page.getByRole('button', { name: /^Replace/ }).click();
        await page.getByText('More about the connection').click();
        await page.getByRole('button', { name: 'Send a test mail' }).click();
        await page.getByRole('alert').scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('mail-test') });
        await page.getByLabel('Host').scrollIntoViewIfNeeded();
        await page.screenshot({ path: path('mail-server') });
        await page.getByRole('button', { name: 'Undo' }).click();

        await page.getByRole('link', { name: 'Limits' }).click();
        await expect(page.getByRole('group', { name: 'Rule 1' })).toBeVisible();
        await page.screenshot({ path: path('limits') });
        await page.getByRole('button', { name: 'Add a rule' }).click();
        await page.getByRole('button', { name: 'Save' }).click();
        await expect(page.getByText('Fill this in.').first()).toBeVisible();
        await page.screenshot({ path: path('limits-wrong') });
        await page.getByRole('button', { name: 'Undo' }).click();

        await page.getByRole('link', { name: 'Superusers' }).click();
        await page.getByLabel('Allowed addresses').fill('10.0.0.0/8\n2001:db8::/32');
        await expect(page.getByText('Saving it shuts you out')).toBeVisible();
        await page.screenshot({ path: path('superusers') });
        await page.getByRole('button', { name: 'Save' }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await page.screenshot({ path: path('superusers-confirm') });
      });
    });
  }
}
