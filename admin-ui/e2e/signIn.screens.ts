import { expect, schemes, sizes, test } from './fixtures';

const answers = {
  'auth-with-password': { status: 401, json: { mfaId: 'mfa1' } },
  'auth-methods': {
    json: { otp: { enabled: true, duration: 300 }, mfa: { enabled: true, duration: 600 } },
  },
  'request-otp': { json: { otpId: 'otp1' } },
  'auth-with-otp': { status: 400, json: { status: 400, message: '', data: {} } },
  'request-password-reset': { status: 204 },
};

const { desktop, phone } = sizes;

for (const scheme of schemes) {
  for (const [size, viewport] of Object.entries({ desktop, phone })) {
    test.describe(`${size} ${scheme}`, () => {
      test.use({ colorScheme: scheme, viewport, hasTouch: size !== 'desktop' });
      const path = (name: string) => `test-results/screens/${name}-${size}-${scheme}.png`;

      test('second factor and forgotten password', async ({ page, server }) => {
        for (const [act, answer] of Object.entries(answers)) {
          await page.route(`**/_superusers/${act}`, (route) => route.fulfill(answer));
        }
        await page.goto(`${server.dashboardUrl}#/login`);
        await page.getByLabel('E-mail').fill('ana@example.org');
        await page.getByLabel('Password', { exact: true }).fill('secret');
        await page.keyboard.press('Enter');
        await expect(page.getByText('It counts for 5 minutes')).toBeVisible();
        await page.screenshot({ path: path('login-code') });
        await page.getByLabel('One-time code').fill('123');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('alert')).toBeVisible();
        await page.getByText('I have a code from the command line').click();
        await page.screenshot({ path: path('login-code-command') });
        await page.goto(`${server.dashboardUrl}#/forgotten-password`);
        await page.getByLabel('E-mail').fill('ana@example.org');
        await page.screenshot({ path: path('forgotten-password') });
        await page.keyboard.press('Enter');
        await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
        await page.screenshot({ path: path('forgotten-password-sent') });
        await page.route('**/_superusers/auth-with-password', (route) =>
          route.fulfill({ status: 403, json: { status: 403, message: 'Not from there.', data: {} } }),
        );
        await page.goto(`${server.dashboardUrl}#/login`);
        await page.getByLabel('E-mail').fill('ana@example.org');
        await page.getByLabel('Password', { exact: true }).fill('secret');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('alert')).toBeVisible();
        await page.screenshot({ path: path('login-refused') });
      });
    });
  }
}
