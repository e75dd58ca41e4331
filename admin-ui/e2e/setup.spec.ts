import { expect, expectAccessible, test } from './fixtures';
import { Server, superuser } from './server';

test.describe('a server without a superuser', () => {
  let fresh: Server;
  test.beforeEach(async () => {
    fresh = await Server.start({ withSuperuser: false });
  });
  test.afterEach(() => fresh.stop());

  test('is set up from the link it prints, once', async ({ page, browser }) => {
    const link = `${fresh.dashboardUrl}#${await fresh.setupRoute()}`;
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Make the first superuser' })).toBeVisible();
    await expectAccessible(page);

    await page.getByLabel('E-mail').fill('ana');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Create and sign in' }).click();
    await expect(page.getByText('Use 8 characters or more.')).toBeVisible();
    await expect(page.getByLabel('E-mail')).toBeFocused();
    await expectAccessible(page);

    await page.getByLabel('E-mail').fill(superuser.email);
    await page.getByLabel('Password', { exact: true }).fill(superuser.password);
    await page.getByRole('button', { name: 'Show password' }).click();
    await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('type', 'text');
    await page.getByRole('button', { name: 'Create and sign in' }).click();

    await expect(page.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
    await expect(page).toHaveURL(/#\/c$/);
    await page.getByText('Make one through the API').click();
    await expect(page.getByText('"name": "notes"')).toBeVisible();

    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(link);
    await expect(other.getByRole('heading', { name: 'This set-up link no longer works' })).toBeVisible();
    await expect(other.getByText('larder superuser create EMAIL PASS')).toBeVisible();
    await expectAccessible(other);
    await context.close();
  });

  test('refuses a link that is none', async ({ page }) => {
    await page.goto(`${fresh.dashboardUrl}#/pbinstall/not-a-token`);
    await expect(page.getByRole('heading', { name: 'This set-up link no longer works' })).toBeVisible();
  });
});

test('without a link the command is explained', async ({ page, server }) => {
  await page.goto(`${server.dashboardUrl}#/setup`);
  await expect(page.getByText('larder superuser create EMAIL PASS')).toBeVisible();
  await expect(page.getByText('/_/#/pbinstall/')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});
