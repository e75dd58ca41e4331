import type { Page } from '@playwright/test';
import { expect, expectAccessible, keepSession, schemes, sizes, test } from './fixtures';
import { ApiClient } from './seed';
import { Server } from './server';

type Json = Record<string, unknown>;
type Collection = Json & { fields: (Json & { id: string; name: string })[]; indexes: string[] };

let server: Server;
let api: ApiClient;

test.beforeEach(async ({ page }) => {
  server = await Server.start({ withSuperuser: true });
  api = await ApiClient.signIn(server.apiUrl);
  await keepSession(page, api.token);
});
test.afterEach(() => server.stop());

const collection = async (name: string) => (await api.get(`collections/${name}`)) as Collection;
const open = (page: Page, route: string) => page.goto(`${server.dashboardUrl}#${route}`);
const addLine = (page: Page) => page.getByRole('group', { name: 'New field' });
const field = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'Fields' })
    .getByRole('button', { name, expanded: false })
    .filter({ hasText: name });

const addField = async (page: Page, name: string, type: string) => {
  await addLine(page).getByRole('textbox').fill(name);
  await addLine(page).getByRole('combobox').selectOption({ label: type });
  await addLine(page).getByRole('button', { name: 'Add field' }).click();
};

const expectSaved = (page: Page) => expect(page.getByRole('button', { name: /^Sav(e|ing)$/ })).toBeHidden();

test('a collection with three fields takes two clicks, and keys for the rest', async ({ page }) => {
  await open(page, '/c');
  let clicks = 0;
  const click = async (name: string) => {
    clicks += 1;
    await page
      .getByRole(name === 'New collection' ? 'link' : 'button', { name })
      .last()
      .click();
  };
  await click('New collection');
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused();
  await page.keyboard.type('articles');
  await page.keyboard.press('Enter');
  await page.keyboard.type('headline');
  await page.keyboard.press('Enter');
  await page.keyboard.type('views');
  await page.keyboard.press('Tab');
  await page.keyboard.type('n');
  await page.keyboard.press('Enter');
  await expect(addLine(page).getByRole('textbox')).toBeFocused();
  await page.keyboard.type('published');
  await page.keyboard.press('Tab');
  await page.keyboard.type('b');
  await click('Create collection');
  await expect(page).toHaveURL(/#\/c\/articles$/);
  expect(clicks).toBe(2);
  const { fields } = await collection('articles');
  expect(fields.map(({ name, type }) => `${name} ${String(type)}`)).toEqual([
    'id text',
    'headline text',
    'views number',
    'published bool',
    'created autodate',
    'updated autodate',
  ]);
});

test('every type of field is made, with its options', async ({ page }) => {
  await open(page, '/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('things');
  const types = [
    'Text',
    'Rich text',
    'Number',
    'Bool',
    'E-mail',
    'URL',
    'Date',
    'Autodate',
    'File',
    'JSON',
    'Geo point',
    'Password',
  ];
  for (const type of types) await addField(page, type.toLowerCase().replaceAll(/\W/g, '_'), type);
  await addField(page, 'state', 'Select');
  await page.getByRole('textbox', { name: 'Values' }).fill('draft,public,');
  await addField(page, 'owner', 'Relation');
  await page.getByRole('combobox', { name: 'Collection' }).selectOption({ label: 'users' });
  await field(page, 'number').click();
  await page.getByRole('textbox', { name: 'Least value' }).fill('0.5');
  await page.getByRole('textbox', { name: 'Most value' }).fill('0.2');
  await page.getByRole('button', { name: 'Create collection' }).click();
  await expect(page.getByText('The most cannot be below the least.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Most value' })).toBeFocused();
  await page.getByRole('textbox', { name: 'Most value' }).fill('20');
  await page.keyboard.press('Control+s');
  await expect(page).toHaveURL(/#\/c\/things$/);
  const { fields } = await collection('things');
  expect(fields.map(({ type }) => type).sort()).toEqual(
    // The id, what was added, and the two dates a new collection has.
    [
      'text',
      'text',
      'editor',
      'number',
      'bool',
      'email',
      'url',
      'date',
      'autodate',
      'autodate',
      'autodate',
      'file',
    ]
      .concat(['json', 'geoPoint', 'password', 'select', 'relation'])
      .sort(),
  );
  expect(fields.find(({ name }) => name === 'number')).toMatchObject({ min: 0.5, max: 20 });
  expect(fields.find(({ name }) => name === 'state')).toMatchObject({
    values: ['draft', 'public'],
    maxSelect: 1,
  });
});

test('a field with values is renamed and deleted, and the bar says what happens', async ({ page }) => {
  await api.post('collections', {
    name: 'posts',
    fields: [
      { name: 'title', type: 'text' },
      { name: 'views', type: 'number' },
    ],
    indexes: ['CREATE INDEX `by_title` ON `posts` (`title`)'],
  });
  await api.post('collections/posts/records', { title: 'One', views: 7 });
  await open(page, '/c/posts');
  await page.getByRole('link', { name: 'Fields' }).click();
  await field(page, 'title').click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('headline');
  await page.keyboard.press('Control+s');
  await expectSaved(page);
  expect((await collection('posts')).indexes).toEqual(['CREATE INDEX `by_title` ON `posts` (`headline`)']);
  const { items } = await api.get('collections/posts/records');
  expect(items).toEqual([expect.objectContaining({ headline: 'One', views: 7 })]);

  await field(page, 'views').click();
  await page.getByRole('button', { name: 'Delete field…' }).last().click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('the values of views in 1 record of posts are lost');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Delete field' }).click();
  await expect(dialog).toContainText('This is something else.');
  await dialog.getByRole('textbox').fill('views');
  await dialog.getByRole('button', { name: 'Delete field' }).click();
  await expect(page.getByText('deleted when you save')).toBeVisible();
  await page.getByRole('button', { name: 'Keep views' }).click();
  await expectSaved(page);
  await page.getByRole('button', { name: 'Delete field…' }).last().click();
  await dialog.getByRole('textbox').fill('views');
  await dialog.getByRole('button', { name: 'Delete field' }).click();
  await addField(page, 'stars', 'Number');
  await expect(page.getByText('− views, + stars (number)')).toBeVisible();
  await page.getByRole('link', { name: 'Data' }).click();
  await expect(dialog).toContainText('Not saved: − views, + stars (number).');
  await dialog.getByRole('button', { name: 'Keep editing' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expectSaved(page);
  expect((await collection('posts')).fields.map(({ name }) => name)).toEqual(['id', 'headline', 'stars']);
});

test('fields are moved with the keyboard, the collection is renamed, copied and deleted', async ({
  page,
}) => {
  await api.post('collections', {
    name: 'posts',
    fields: ['one', 'two', 'three'].map((name) => ({ name, type: 'text' })),
  });
  await open(page, '/c/posts/fields');
  await page.getByRole('button', { name: 'Move three' }).focus();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('button', { name: 'Move three' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByText('order of the fields')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('articles');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page).toHaveURL(/#\/c\/articles\/fields$/);
  expect((await collection('articles')).fields.map(({ name }) => name)).toEqual([
    'id',
    'three',
    'one',
    'two',
  ]);

  await page.getByRole('link', { name: 'Duplicate collection' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('articles_copy');
  await page.getByRole('button', { name: 'Create collection' }).click();
  await expect(page).toHaveURL(/#\/c\/articles_copy$/);
  await page.getByRole('link', { name: 'Fields' }).click();
  await page.getByRole('button', { name: 'Delete collection…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Deletes articles_copy with 0 records');
  await dialog.getByRole('textbox').fill('articles_copy');
  await dialog.getByRole('button', { name: 'Delete collection' }).click();
  await expect(page).toHaveURL(/#\/c$/);
  await expect(page.getByText('articles_copy')).toHaveCount(0);
});

test('a view is written with what it finds beside it', async ({ page }) => {
  await api.post('collections', { name: 'posts', fields: [{ name: 'title', type: 'text' }] });
  await api.post('collections/posts/records', { title: 'First of all' });
  await open(page, '/new?type=view');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('titles');
  await page.getByLabel('Query of the view').fill('select id, titel from posts');
  await expect(page.getByText('no such column: titel')).toBeVisible();
  await page.getByLabel('Query of the view').fill('select id, title from posts');
  await expect(page.getByText('Shows 2 fields')).toBeVisible();
  await expect(page.getByRole('cell', { name: 'First of all' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Create collection' }).click();
  await expect(page).toHaveURL(/#\/c\/titles$/);
  await expect(page.getByText('First of all').first()).toBeVisible();
});

const makePosts = async () => {
  const users = await collection('users');
  const account = (name: string) =>
    api.post('collections/users/records', {
      email: `${name}@example.org`,
      password: 'a-long-password',
      passwordConfirm: 'a-long-password',
    });
  const [ada, bob] = [await account('ada'), await account('bob')];
  await api.post('collections', {
    name: 'posts',
    fields: [
      { name: 'title', type: 'text', presentable: true },
      { name: 'author', type: 'relation', collectionId: users.id },
    ],
  });
  await api.post('collections/posts/records', { title: 'Of Ada', author: ada.id });
  await api.post('collections/posts/records', { title: 'Of Bob', author: bob.id });
};
const rule = (page: Page) => page.getByRole('textbox', { name: 'Who may list records?' });

test('a rule is written, tried and reviewed, and the test agrees with real requests', async ({ page }) => {
  await makePosts();
  await open(page, '/c/posts');
  let clicks = 0;
  const click = async (role: 'link' | 'button', name: string) => {
    clicks += 1;
    await page.getByRole(role, { name, exact: true }).click();
  };
  await click('link', 'Rules');
  await click('button', 'Signed in');
  await expect(page.getByText('Lets 0 of the 2 newest records through')).toBeVisible();
  await click('button', 'Save');
  expect(clicks).toBe(3);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('List: a guest gets none of the 2 newest records.');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expectSaved(page);
  expect(await collection('posts')).toMatchObject({ listRule: '@request.auth.id != ""' });

  await page.getByRole('button', { name: 'Owner (author)' }).click();
  const tester = page.getByRole('region', { name: 'Test', exact: true });
  await tester.getByRole('combobox', { name: 'As' }).selectOption({ label: 'ada@example.org (users)' });
  await expect(tester.getByText('Lets 1 of the 2 newest records through')).toBeVisible();
  await tester.getByRole('button', { name: /Of Bob/ }).click();
  await expect(tester.getByRole('region', { name: 'Why: Of Bob' })).toContainText(
    'author = @request.auth.id',
  );
  await expect(tester.getByText('decides')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expectSaved(page);
  const { token } = await api.post('collections/users/auth-with-password', {
    identity: 'ada@example.org',
    password: 'a-long-password',
  });
  const { items } = await api.as(String(token)).get('collections/posts/records');
  expect(items).toEqual([expect.objectContaining({ title: 'Of Ada' })]);
});

test('an empty rule is refused, a wrong one is told at its place, opening up says what to whom', async ({
  page,
}) => {
  await makePosts();
  await open(page, '/c/posts/rules');
  await page.getByText('Custom', { exact: true }).click();
  await page.keyboard.press('Control+s');
  await expect(page.getByText('An empty rule would mean everyone.')).toBeVisible();
  await expect(rule(page)).toBeFocused();
  expect(await collection('posts')).toMatchObject({ listRule: null });

  await page.keyboard.type('titel = "x"');
  await expect(page.getByText('Unknown field in `titel` at position 1.')).toBeVisible();
  await expect(rule(page)).toHaveAttribute('aria-invalid', 'true');
  await rule(page).fill('');
  await rule(page).pressSequentially('aut');
  await expect(page.getByRole('option', { name: 'author' })).toBeVisible();
  await page.keyboard.press('Enter');
  await rule(page).pressSequentially('.ema');
  await page.keyboard.press('Tab');
  await expect(rule(page)).toHaveValue('author.email');
  await rule(page).pressSequentially(' = @request.au');
  await page.keyboard.press('Enter');
  await expect(rule(page)).toHaveValue('author.email = @request.auth.');
  await page.keyboard.press('Escape');

  await page.getByText('Everyone', { exact: true }).click();
  await expect(page.getByText('Anyone on the internet can list all records.')).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(
    'Anyone on the internet can list 2 records of posts, including title, author.',
  );
  await dialog.getByRole('button', { name: 'Keep editing' }).click();
  expect(await collection('posts')).toMatchObject({ listRule: null });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.getByRole('button', { name: 'Save and open' }).click();
  await expectSaved(page);
  expect(await collection('posts')).toMatchObject({ listRule: '' });
});

test('accounts get a provider, codes and mails, and secrets are never shown', async ({ page }) => {
  await open(page, '/c/users');
  await page.getByRole('link', { name: 'Options' }).click();
  await page.getByRole('switch', { name: 'Providers' }).check();
  await page.getByRole('combobox', { name: 'Add a provider' }).selectOption({ label: 'GitHub' });
  await page.getByRole('textbox', { name: 'Client id' }).fill('my-app');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Nothing was saved: 1 thing is not right.')).toBeVisible();
  await expect(page.getByLabel('Client secret', { exact: true })).toBeFocused();
  await page.getByLabel('Client secret', { exact: true }).fill('very-secret');
  await page.getByRole('switch', { name: 'One-time code' }).check();
  await page.getByRole('textbox', { name: 'Digits of a code' }).fill('6');
  await page.getByRole('switch', { name: 'Second factor' }).check();
  await page.getByRole('button', { name: 'One-time code' }).click();
  await page.getByRole('textbox', { name: 'Subject' }).fill('Code for {APP_NAME}');
  await expect(page.getByText('Code for Acme')).toBeVisible();
  await expect(page.frameLocator('iframe').getByText('12345678')).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expectSaved(page);
  expect(await collection('users')).toMatchObject({
    oauth2: {
      enabled: true,
      providers: [{ name: 'github', clientId: 'my-app' }],
      mappedFields: { name: 'name' },
    },
    otp: { enabled: true, length: 6, duration: 180, emailTemplate: { subject: 'Code for {APP_NAME}' } },
    mfa: { enabled: true },
  });
  // The secret is there, without ever being shown.
  const { oauth2 } = await api.get('collections/users/auth-methods');
  expect(oauth2).toMatchObject({ providers: [{ name: 'github' }] });
  await page.reload();
  await page.getByRole('button', { name: 'GitHub' }).click();
  await expect(page.getByText('Set. Never shown')).toBeVisible();
  await page.getByRole('textbox', { name: 'Client id' }).fill('my-other-app');
  await page.keyboard.press('Control+s');
  await expectSaved(page);
  expect(await collection('users')).toMatchObject({ oauth2: { providers: [{ clientId: 'my-other-app' }] } });
});

test('a new secret ends the sign-ins there are', async ({ page }) => {
  await makePosts();
  const { token } = await api.post('collections/users/auth-with-password', {
    identity: 'ada@example.org',
    password: 'a-long-password',
  });
  const refresh = () => api.as(String(token)).post('collections/users/auth-refresh', {});
  await refresh();
  await open(page, '/c/users/options');
  await page.getByRole('button', { name: 'New secret for sign-in' }).click();
  await expect(page.getByText('All of them end when you save.')).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expectSaved(page);
  await expect(refresh()).rejects.toThrow(/401/);
});

test('the calls shown are those that work', async ({ page }) => {
  await makePosts();
  await api.patch('collections/posts', { createRule: '' });
  await open(page, '/c/posts');
  await page.getByRole('link', { name: 'API' }).click();
  await expect(page.getByText("pb.collection('posts').getList(1, 50")).toBeVisible();
  await expect(page.getByText('Only superusers may.')).toBeVisible();
  await page.getByRole('button', { name: 'Create a record' }).click();
  await page.getByText('curl', { exact: true }).click();
  await expect(page).toHaveURL(/call=create&lang=curl$/);
  await expect(page.getByText('Everyone may.')).toBeVisible();
  const code = await page.getByRole('region', { name: 'curl' }).textContent();
  expect(code).toContain('/api/collections/posts/records');
  const body: unknown = JSON.parse(/-d '([\s\S]*)'$/.exec(code ?? '')?.[1] ?? '');
  await api.as('').post('collections/posts/records', body as Json);
  await expectAccessible(page);
});

test('an import is shown before it is done, and deletions are typed', async ({ page }) => {
  await makePosts();
  const [posts, users] = [await collection('posts'), await collection('users')];
  await open(page, '/c');
  await page.getByRole('link', { name: 'Export and import' }).click();
  await expect(page.getByRole('button', { name: 'Download 2 collections' })).toBeVisible();
  await page.getByRole('link', { name: 'Import', exact: true }).click();
  const text = page.getByLabel('Or paste its text');
  await text.fill('{"no": "list"}');
  await expect(page.getByText('This is no list of collections as JSON.')).toBeVisible();
  await text.fill(JSON.stringify([posts, users]));
  await expect(page.getByText('Nothing would change')).toBeVisible();

  const fields = [...posts.fields.filter(({ name }) => name !== 'author'), { name: 'stars', type: 'number' }];
  await text.fill(
    JSON.stringify([{ ...posts, fields }, users, { name: 'tags', fields: [{ name: 'word', type: 'text' }] }]),
  );
  const diff = page.getByRole('list', { name: 'What would change' });
  await expect(diff).toContainText('stars (number)');
  await expect(diff).not.toContainText('author');
  await page.getByRole('switch', { name: 'Delete what the file lacks' }).check();
  await expect(diff).toContainText('author');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Change 2 collections' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Lost with all their values: posts.author.');
  await dialog.getByRole('textbox').fill('posts.author');
  await dialog.getByRole('button', { name: 'Change 2 collections' }).click();
  await expect(page.getByText('The collections are as the file says.')).toBeVisible();
  expect((await collection('posts')).fields.map(({ name }) => name).sort()).toEqual(['id', 'stars', 'title']);
  expect((await collection('tags')).fields.map(({ name }) => name)).toContain('word');
  await open(page, '/c');
  await expect(page.getByRole('main').getByText('tags')).toBeVisible();
});

const { desktop, phone } = sizes;

for (const colorScheme of schemes) {
  for (const [size, viewport] of Object.entries({ desktop, phone })) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport, hasTouch: size === 'phone' });
      const overflow = (page: Page) =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

      test('fields are accessible and fit', async ({ page }) => {
        await open(page, '/c/users/fields');
        await field(page, 'avatar').click();
        await addField(page, 'nick', 'Text');
        await page.getByRole('button', { name: 'Add an index' }).click();
        await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeInViewport();
        await expectAccessible(page);
        expect(await overflow(page)).toBe(0);
        await page.getByRole('button', { name: 'Delete field…' }).first().click();
        await expectAccessible(page);
      });

      test('options are accessible and fit', async ({ page }) => {
        await api.patch('collections/users', {
          oauth2: { enabled: true, providers: [{ name: 'github', clientId: 'a', clientSecret: 'b' }] },
          otp: { enabled: true },
          mfa: { enabled: true },
        });
        await open(page, '/c/users/options');
        await page.getByRole('button', { name: 'GitHub' }).click();
        await page.getByRole('textbox', { name: 'Digits of a code' }).fill('6');
        // The mails stay closed: the tool waits forever for an answer from a frame in which nothing runs.
        await expectAccessible(page);
        expect(await overflow(page)).toBe(0);
      });

      test('calls are accessible and fit', async ({ page }) => {
        await open(page, '/c/users/api?call=oauth2&lang=dart');
        await expect(page.getByRole('heading', { name: 'List records' })).toBeVisible();
        await expectAccessible(page);
        expect(await overflow(page)).toBe(0);
      });

      test('export and import are accessible and fit', async ({ page }) => {
        await open(page, '/schema/export');
        await expect(page.getByRole('button', { name: 'Download 1 collection' })).toBeVisible();
        await expectAccessible(page);
        expect(await overflow(page)).toBe(0);
        await page.getByRole('link', { name: 'Import', exact: true }).click();
        await page.getByLabel('Or paste its text').fill('[{"name": "tags"}]');
        await page.getByRole('switch').check();
        await expect(page.getByText('Would change 2 collections')).toBeVisible();
        await expectAccessible(page);
        expect(await overflow(page)).toBe(0);
      });

      test('rules are accessible and fit', async ({ page }) => {
        await open(page, '/c/users/rules');
        await rule(page).fill('id = @request.auth.id && verif');
        await page.keyboard.press('Control+Space');
        await expect(page.getByRole('option', { name: 'verified' })).toBeVisible();
        await expectAccessible(page);
        expect(await overflow(page)).toBe(0);
      });
    });
  }
}
