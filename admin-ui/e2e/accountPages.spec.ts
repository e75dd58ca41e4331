import type { Page, Route } from '@playwright/test';
import { gzipSync } from 'node:zlib';
import { expect, expectAccessible, schemes, sizes, test } from './fixtures';

/** Most bytes of script, as the server compresses them. */
const budgets = { accountPage: 20_000, dashboard: 200_000 };

const token = (claims: Record<string, unknown> = {}): string => {
  const all = {
    id: 'ana',
    collectionId: 'users',
    email: 'ana@example.org',
    newEmail: 'ana@new.example.org',
    exp: Math.floor(Date.now() / 1000) + 600,
    ...claims,
  };
  return `e30.${Buffer.from(JSON.stringify(all)).toString('base64url')}.signature`;
};

/** Answers the confirm calls of the page; the flows with real mails are tested elsewhere. */
const answer = async (page: Page, fulfil: (route: Route) => Promise<void>) =>
  page.route('**/api/collections/users/confirm-*', fulfil);

const done = (route: Route) => route.fulfill({ status: 204 });
const refuse =
  (field: string, code: string, params = {}) =>
  (route: Route) =>
    route.fulfill({
      status: 400,
      json: { status: 400, message: 'Raw.', data: { [field]: { code, message: 'Raw.', params } } },
    });

const scriptBytes = async (page: Page, url: string): Promise<number> => {
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('.js')) bodies.push(response.body());
  });
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(bodies.length).toBeGreaterThan(0);
  return (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
};

test('the pages of mail links load little, the dashboard not too much', async ({ browser, server }) => {
  const open = async (route: string) => {
    const page = await browser.newPage();
    const bytes = await scriptBytes(page, `${server.dashboardUrl}#${route}`);
    await page.close();
    return bytes;
  };
  expect(await open(`/auth/confirm-password-reset/${token()}`)).toBeLessThan(budgets.accountPage);
  expect(await open('/login')).toBeLessThan(budgets.dashboard);
});

test('a link pasted over the dashboard opens its page, and the other way round', async ({ page, server }) => {
  await page.goto(`${server.dashboardUrl}#/login`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto(`${server.dashboardUrl}#/auth/oauth2-redirect-failure`);
  await expect(page.getByRole('heading', { name: 'Signing in did not work' })).toBeVisible();
  await expect(page.getByRole('link')).toHaveCount(0);
  await page.goto(`${server.dashboardUrl}#/login`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('the token goes to the confirm call alone', async ({ page, server }) => {
  const secret = token();
  const told: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes(secret) || request.headers().referer !== undefined) told.push(request.url());
  });
  page.on('console', (message) => problems.push(message.text()));
  await answer(page, async (route) => {
    expect(route.request().postDataJSON()).toEqual({ token: secret });
    expect(route.request().headers().authorization).toBeUndefined();
    await done(route);
  });
  await page.goto(`${server.dashboardUrl}#/auth/confirm-verification/${secret}`);
  await expect(page.getByRole('heading', { name: 'E-mail address confirmed' })).toBeFocused();
  await expect(page).toHaveTitle('E-mail address confirmed');
  expect(told).toEqual([]);
  expect(problems).toEqual([]);
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
});

test('a password is set with the keyboard alone', async ({ page, server }) => {
  await answer(page, done);
  await page.goto(`${server.dashboardUrl}#/auth/confirm-password-reset/${token()}`);
  await expect(page.getByLabel('New password', { exact: true })).toBeFocused();
  await page.keyboard.type('a new long password');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('New password', { exact: true })).toHaveAttribute('type', 'text');
  await page.keyboard.press('Tab');
  await page.keyboard.type('a new long password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'New password set' })).toBeFocused();
});

test('the window of an OAuth2 sign-in closes itself', async ({ page, server }) => {
  await page.goto(`${server.dashboardUrl}#/login`);
  const popup = page.waitForEvent('popup');
  await page.evaluate(() => void window.open('about:blank'));
  const opened = await popup;
  const closed = opened.waitForEvent('close');
  await opened.goto(`${server.dashboardUrl}#/auth/oauth2-redirect-success`).catch(() => undefined);
  await closed;
});

const { desktop, phone } = sizes;

for (const colorScheme of schemes) {
  for (const [size, viewport] of Object.entries({ desktop, phone })) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport, hasTouch: size === 'phone' });

      test('the pages of mail links are accessible and fit', async ({ page, server }) => {
        const states: [string, string, ((route: Route) => Promise<void>)?, string?][] = [
          [`confirm-verification/${token()}`, 'E-mail address confirmed', done],
          [`confirm-verification/${token()}`, 'The server does not answer', (route) => route.abort()],
          ['confirm-verification/cut', 'This link is not complete'],
          [
            `confirm-password-reset/${token()}`,
            'Set a new password',
            refuse('password', 'validation_length_out_of_range', { min: 8, max: 255 }),
            'Use 8 to 255 characters.',
          ],
          [`confirm-password-reset/${token({ exp: 1 })}`, 'This link no longer works'],
          [
            `confirm-email-change/${token()}`,
            'Confirm your new e-mail address',
            (route) => route.fulfill({ status: 429, json: {}, headers: { 'Retry-After': '30' } }),
            'Wait 30 seconds, then try again.',
          ],
          ['oauth2-redirect-success', 'You are signed in'],
          ['oauth2-redirect-failure', 'Signing in did not work'],
        ];
        for (const [route, title, reply, problem] of states) {
          await page.unrouteAll();
          if (reply) await answer(page, reply);
          await page.goto('about:blank');
          await page.goto(`${server.dashboardUrl}#/auth/${route}`);
          await expect(page.getByRole('heading', { name: title })).toBeVisible();
          if (problem !== undefined) {
            for (const field of await page.locator('input[type=password]').all()) await field.fill('short');
            await page.locator('button[type=submit]').click();
            await expect(page.getByText(problem)).toBeVisible();
          }
          await expectAccessible(page);
          const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
          expect(await page.evaluate(overflow)).toBe(0);
        }
      });
    });
  }
}
