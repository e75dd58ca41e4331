import type { Route } from '@playwright/test';
import { expect, schemes, sizes, test } from './fixtures';

const claims = {
  id: 'ana',
  collectionId: 'users',
  email: 'ana@example.org',
  newEmail: 'a.very.long.name.of.a.person@mail.department.example.org',
  exp: Math.floor(Date.now() / 1000) + 6000,
};
const token = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

const refused = (route: Route) =>
  route.fulfill({
    status: 400,
    json: {
      status: 400,
      message: '',
      data: {
        password: { code: 'validation_length_out_of_range', message: '', params: { min: 8, max: 255 } },
      },
    },
  });

type State = {
  name: string;
  route: string;
  title: string;
  reply?: (route: Route) => Promise<void>;
  fill?: true;
};

const states: State[] = [
  {
    name: 'verified',
    route: `confirm-verification/${token}`,
    title: 'E-mail address confirmed',
    reply: (route) => route.fulfill({ status: 204 }),
  },
  {
    name: 'verification-offline',
    route: `confirm-verification/${token}`,
    title: 'The server does not answer',
    reply: (route) => route.abort(),
  },
  { name: 'reset', route: `confirm-password-reset/${token}`, title: 'Set a new password' },
  {
    name: 'reset-refused',
    route: `confirm-password-reset/${token}`,
    title: 'Set a new password',
    reply: refused,
    fill: true,
  },
  {
    name: 'email-change-failed',
    route: `confirm-email-change/${token}`,
    title: 'Confirm your new e-mail address',
    reply: (route) => route.fulfill({ status: 500, json: { status: 500, message: 'Broken.', data: {} } }),
    fill: true,
  },
  { name: 'incomplete', route: 'confirm-email-change/cut', title: 'This link is not complete' },
  { name: 'oauth2-failure', route: 'oauth2-redirect-failure', title: 'Signing in did not work' },
];

for (const scheme of schemes) {
  for (const [size, viewport] of Object.entries(sizes)) {
    test.describe(`${size} ${scheme}`, () => {
      test.use({ colorScheme: scheme, viewport, hasTouch: size !== 'desktop' });
      test('account pages', async ({ page, server }) => {
        for (const { name, route, title, reply, fill } of states) {
          await page.unrouteAll();
          if (reply) await page.route('**/api/collections/users/confirm-*', reply);
          await page.goto('about:blank');
          await page.goto(`${server.dashboardUrl}#/auth/${route}`);
          await expect(page.getByRole('heading', { name: title })).toBeVisible();
          if (fill) {
            for (const field of await page.locator('input[type=password]').all()) await field.fill('short');
            await page.locator('button[type=submit]').click();
            await expect(page.locator('button[type=submit]')).toHaveAttribute('aria-busy', 'false');
            await expect(page.locator('[aria-invalid=true], [role=alert] p').first()).toBeVisible();
          }
          await page.screenshot({ path: `test-results/screens/account-${name}-${size}-${scheme}.png` });
        }
      });
    });
  }
}
