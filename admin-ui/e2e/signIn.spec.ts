import { expect, expectAccessible, schemes, sizes, test } from './fixtures';
import { Server, superuser } from './server';

test('signing in leads to the screen asked for, signing out ends the session', async ({ page, server }) => {
  await page.goto(`${server.dashboardUrl}#/c/orders?sort=-total`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.getByLabel('E-mail').fill(superuser.email);
  await page.getByLabel('Password', { exact: true }).fill(superuser.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid', { name: 'Records of orders' })).toBeVisible();
  await expect(page).toHaveURL(/#\/c\/orders\?sort=-total$/);

  await page.reload();
  await expect(page.getByRole('grid', { name: 'Records of orders' })).toBeVisible();

  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page).toHaveURL(/#\/login$/);
  await page.goto(`${server.dashboardUrl}#/c/orders`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem('larder.session'))).toBeNull();
});

test('a wrong password is told, and the e-mail stays', async ({ page, server }) => {
  await page.goto(`${server.dashboardUrl}#/login`);
  await page.getByLabel('E-mail').fill(superuser.email);
  await page.getByLabel('Password', { exact: true }).fill('not-the-password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('E-mail or password is wrong.');
  await expect(page.getByLabel('E-mail')).toHaveValue(superuser.email);
  await expectAccessible(page);
});

test('a session the server does not accept ends at the sign-in and keeps the route', async ({
  page,
  server,
}) => {
  await page.goto(`${server.dashboardUrl}#/login`);
  // Once the page has seen that nobody is signed in, it does not find the session before it is loaded anew.
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.evaluate(() => {
    localStorage.setItem(
      'larder.session',
      JSON.stringify({ token: 'e30.e30.bad', email: 'ana@example.org' }),
    );
  });
  await page.goto(`${server.dashboardUrl}#/c/orders`);
  await page.reload();
  await expect(page.getByText('Your session has ended.')).toBeVisible();
  await expect(page).toHaveURL(/#\/login\?next=%2Fc%2Forders$/);
});

test('another tab that signs out ends this one too', async ({ context, server }) => {
  const [one, two] = [await context.newPage(), await context.newPage()];
  await one.goto(`${server.dashboardUrl}#/login`);
  await one.getByLabel('E-mail').fill(superuser.email);
  await one.getByLabel('Password', { exact: true }).fill(superuser.password);
  await one.keyboard.press('Enter');
  await expect(one.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
  await two.goto(`${server.dashboardUrl}#/c/orders`);
  await expect(two.getByRole('grid')).toBeVisible();
  await one.getByRole('button', { name: 'Account' }).click();
  await one.getByRole('button', { name: 'Sign out' }).click();
  await expect(two.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

for (const colorScheme of schemes) {
  for (const [size, viewport] of Object.entries(sizes)) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport });
      test('the sign-in is accessible', async ({ page, server }) => {
        await page.goto(`${server.dashboardUrl}#/login`);
        await expect(page.getByLabel('E-mail')).toBeFocused();
        await expectAccessible(page);
      });
    });
  }
}

test('a server that stops and starts again is noticed', async ({ page }) => {
  const own = await Server.start({ withSuperuser: true });
  try {
    await page.goto(`${own.dashboardUrl}#/login`);
    await page.getByLabel('E-mail').fill(superuser.email);
    await page.getByLabel('Password', { exact: true }).fill(superuser.password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Data', level: 1 })).toBeVisible();
    await own.kill();
    await page.getByRole('navigation').getByRole('link', { name: 'users' }).click();
    await expect(page.getByText('Trying again every few seconds')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'The server does not answer' })).toBeVisible();
    await expectAccessible(page);
    await own.run();
    await expect(page.getByRole('heading', { name: 'No records in users yet' })).toBeVisible({
      timeout: 15_000,
    });
    await expect(page.getByText('Trying again every few seconds')).toBeHidden();
  } finally {
    await own.stop();
  }
});
