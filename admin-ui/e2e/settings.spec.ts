import type { Page } from '@playwright/test';
import { expect, expectAccessible, keepSession, schemes, sizes, test } from './fixtures';
import { ApiClient } from './seed';
import { Server } from './server';

let server: Server;
let api: ApiClient;

test.beforeEach(async ({ page }) => {
  server = await Server.start({ withSuperuser: true });
  api = await ApiClient.signIn(server.apiUrl);
  await keepSession(page, api.token);
});
test.afterEach(() => server.stop());

/** The change bar is gone; while it saves, its button has another name. */
const expectSaved = (page: Page) => expect(page.getByRole('button', { name: /^Sav(e|ing)$/ })).toBeHidden();

test('mail settings are saved, and what is wrong is told at its field', async ({ page }) => {
  await page.goto(`${server.dashboardUrl}#/settings`);
  await expect(page).toHaveURL(/#\/settings\/mail$/);
  await page.getByRole('switch', { name: /Send mails/ }).check();
  await page.getByLabel('Host').fill('a..b');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Use a host name or an address')).toBeVisible();
  await expect(page.getByLabel('Host')).toBeFocused();
  await expectAccessible(page);
  await page.getByLabel('Host').fill('mail.example.org');
  await page.getByRole('button', { name: /^Replace the password/ }).click();
  await page.getByLabel('New password of the mail server', { exact: true }).fill('hidden-secret');
  await page.getByLabel('Name of the sender').fill('The shop');
  await page.keyboard.press('Control+s');
  await expectSaved(page);
  await page.reload();
  await expect(page.getByLabel('Host')).toHaveValue('mail.example.org');
  await expect(page.getByLabel('Name of the sender')).toHaveValue('The shop');
  await expect(page.getByText('hidden-secret')).toHaveCount(0);
});

test('a test mail tells what the mail server says', async ({ page }) => {
  // Nothing listens on the lowest port.
  await api.patch('settings', { smtp: { enabled: true, host: '127.0.0.1', port: 1 } });
  await page.goto(`${server.dashboardUrl}#/settings/mail`);
  await page.getByLabel('Template of').selectOption('users');
  await page.getByRole('button', { name: 'Send a test mail' }).click();
  await expect(page.getByRole('alert')).toContainText('The mail was not sent.');
  await expect(page.getByRole('alert')).toContainText('What the server says:');
  await expectAccessible(page);
});

test('limits are changed with the keyboard', async ({ page }) => {
  await page.goto(`${server.dashboardUrl}#/settings/limits`);
  await page.getByRole('switch').focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Add a rule' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('users:list');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('7');
  await page.keyboard.press('Tab');
  await page.keyboard.type('30');
  await page.keyboard.press('Enter');
  await expectSaved(page);
  const { rateLimits } = await api.get('settings');
  expect(rateLimits).toMatchObject({ enabled: true });
  expect((rateLimits as { rules: unknown[] }).rules.at(-1)).toEqual({
    label: 'users:list',
    audience: '',
    maxRequests: 7,
    duration: 30,
  });
});

test('an allow-list without the own address is saved only when that is wanted', async ({ page }) => {
  await page.goto(`${server.dashboardUrl}#/settings/superusers`);
  const list = page.getByLabel('Allowed addresses');
  await list.fill('10.0.0.0/8');
  await expect(page.getByText('Saving it shuts you out')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Your address, 127.0.0.1, is not in the list');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  expect(await api.get('settings')).toMatchObject({ superuserIPs: [] });

  await page.getByRole('button', { name: 'Add my address' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expectSaved(page);
  expect(await api.get('settings')).toMatchObject({ superuserIPs: ['10.0.0.0/8', '127.0.0.1'] });
});

test('who is shut out is told, and gets back in from the command line', async ({ page }) => {
  await page.goto(`${server.dashboardUrl}#/settings/superusers`);
  await page.getByLabel('Allowed addresses').fill('10.0.0.0/8');
  await expect(page.getByText('Saving it shuts you out')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Save and shut me out' }).click();
  await expectSaved(page);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'The server refused this' })).toBeVisible();
  await expectAccessible(page);
  await server.command('superuser', 'ips', '10.0.0.0/8', '127.0.0.1');
  // A running server looks now and then for what other processes changed.
  const list = page.getByLabel('Allowed addresses');
  await expect(async () => {
    if (await list.isHidden()) await page.getByRole('button', { name: 'Try again' }).click();
    await expect(list).toHaveValue('10.0.0.0/8\n127.0.0.1', { timeout: 1000 });
  }).toPass();
});

test('unsaved changes are not left behind without a word', async ({ page }) => {
  await page.goto(`${server.dashboardUrl}#/settings/superusers`);
  await page.getByLabel('Allowed addresses').fill('::1');
  await page.getByRole('link', { name: 'Limits' }).click();
  await expect(page.getByRole('dialog')).toContainText('1 change on this page has not been saved');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Discard 1 change' }).click();
  await expect(page).toHaveURL(/#\/settings\/limits$/);
});

const { desktop, phone } = sizes;

for (const colorScheme of schemes) {
  for (const [size, viewport] of Object.entries({ desktop, phone })) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport, hasTouch: size === 'phone' });
      test('the settings are accessible and fit', async ({ page }) => {
        await api.patch('settings', { smtp: { enabled: true } });
        await page.goto(`${server.dashboardUrl}#/c`);
        if (size === 'phone') await page.getByRole('button', { name: 'More' }).click();
        await page.getByRole('link', { name: 'Settings' }).click();
        await expect(page.getByLabel('Host')).toBeVisible();
        await expectAccessible(page);
        for (const name of ['Limits', 'Superusers']) {
          await page.getByRole('link', { name, exact: true }).click();
          await expect(page.getByRole('heading', { level: 1, name: `${name}, settings` })).toBeVisible();
          await page.getByRole('textbox').first().fill('10.0.0.1');
          await expect(page.getByRole('button', { name: 'Save' })).toBeInViewport();
          await expectAccessible(page);
          const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
          expect(await page.evaluate(overflow)).toBe(0);
          await page.getByRole('button', { name: 'Undo' }).click();
        }
      });
    });
  }
}
