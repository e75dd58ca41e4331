import type { Locator, Page } from '@playwright/test';
import { expect, expectAccessible, schemes, sizes, test } from './fixtures';
import type { ApiClient } from './seed';

type Json = Record<string, unknown>;

const panelOf = (page: Page, name: RegExp | string) => page.getByRole('region', { name });
const frame = (panel: Locator, field: string) => panel.locator(`[data-field="${field}"]`);

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const picture = (name: string) => ({ name, mimeType: 'image/png', buffer: png });

/** A collection of its own with every field type, so that the others stay as they are. */
const makeCollection = async (api: ApiClient, name: string): Promise<string> => {
  const customers = await api.get('collections/customers');
  const { id } = await api.post('collections', {
    name,
    type: 'base',
    fields: [
      { name: 'title', type: 'text', required: true, presentable: true, max: 40 },
      { name: 'body', type: 'editor' },
      { name: 'total', type: 'number', min: 0, max: 5000 },
      { name: 'paid', type: 'bool' },
      { name: 'contact', type: 'email' },
      { name: 'site', type: 'url' },
      { name: 'due', type: 'date' },
      { name: 'status', type: 'select', values: ['new', 'paid', 'shipped'], maxSelect: 1 },
      { name: 'tags', type: 'select', values: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], maxSelect: 4 },
      { name: 'cover', type: 'file', maxSelect: 1 },
      { name: 'photos', type: 'file', maxSelect: 3 },
      { name: 'owner', type: 'relation', collectionId: customers.id, maxSelect: 1 },
      { name: 'watchers', type: 'relation', collectionId: customers.id, maxSelect: 3 },
      { name: 'meta', type: 'json' },
      { name: 'place', type: 'geoPoint' },
      { name: 'pin', type: 'password', min: 4, cost: 4 },
      { name: 'created', type: 'autodate', onCreate: true },
    ],
  });
  return String(id);
};

const pick = async (panel: Locator, field: string, words: string) => {
  const box = frame(panel, field).getByRole('combobox');
  await box.fill(words);
  await frame(panel, field).getByRole('option', { name: words }).click();
};

const saved = async (panel: Locator) => {
  // While it is sent the button says that it is saving.
  await expect(panel.getByRole('button', { name: /^Sav/ })).toBeHidden();
};

/** What is stored, with the names of customers in place of their ids. */
const stored = async (api: ApiClient, collection: string, title: string): Promise<Json> => {
  const list = await api.get(
    `collections/${collection}/records?expand=owner,watchers&filter=${encodeURIComponent(`title = "${title}"`)}`,
  );
  const [record] = list.items as Json[];
  if (!record) throw new Error(`no ${title}`);
  return record;
};

const nameOf = (record: unknown): unknown => (record as Json | undefined)?.name;

for (const [size, viewport] of Object.entries({ desktop: sizes.desktop, phone: sizes.phone })) {
  test.describe(size, () => {
    test.use({ viewport, hasTouch: size === 'phone' });
    const collection = `every_${size}`;

    test('a record of every type is made, changed and cleared', async ({ dashboard, page, api }) => {
      test.slow();
      await makeCollection(api, collection);
      await dashboard.open(`/c/${collection}`);
      await page.getByRole('main').getByRole('button', { name: 'New record' }).last().click();
      const form = panelOf(page, `New record in ${collection}`);
      await form.getByRole('textbox', { name: 'title required' }).fill('First');
      await form.getByLabel('body', { exact: true }).fill('twice');
      await form.getByLabel('body', { exact: true }).selectText();
      await form.getByRole('button', { name: 'Bold' }).click();
      await form.getByLabel('total').fill('12,5');
      await form.getByRole('switch', { name: 'paid' }).click();
      await form.getByLabel('contact').fill('hana@example.org');
      await form.getByLabel('site').fill('https://example.org/a');
      await form.getByLabel('due', { exact: true }).fill('2026-03-14 11:00');
      await frame(form, 'status').getByRole('button', { name: 'shipped' }).click();
      await pick(form, 'tags', 'g');
      await pick(form, 'tags', 'b');
      await form.getByLabel('Choose files for cover').setInputFiles(picture('cover.png'));
      await form
        .getByLabel('Choose files for photos')
        .setInputFiles([picture('one.png'), picture('two.png')]);
      await pick(form, 'owner', 'Ada Novak');
      await pick(form, 'watchers', 'Mila Santos');
      await pick(form, 'watchers', 'Hana Moreau');
      await form.getByRole('button', { name: 'Move Hana Moreau up' }).click();
      await form.getByLabel('meta').fill('{"a": [1, null]}');
      await form.getByLabel('Latitude').fill('52.5');
      await form.getByLabel('Longitude').fill('13.4');
      await frame(form, 'pin').getByRole('textbox').fill('four-digits');
      await form.getByRole('button', { name: 'Create record' }).click();

      const panel = panelOf(page, 'Record First');
      await expect(panel).toBeVisible();
      const first = await stored(api, collection, 'First');
      expect(first).toMatchObject({
        body: '<strong>twice</strong>',
        total: 12.5,
        paid: true,
        contact: 'hana@example.org',
        site: 'https://example.org/a',
        due: '2026-03-14 10:00:00.000Z',
        status: 'shipped',
        tags: ['b', 'g'],
        meta: { a: [1, null] },
        place: { lat: 52.5, lon: 13.4 },
      });
      expect(first.cover).toMatch(/^cover_\w+\.png$/);
      expect((first.photos as string[]).map((name) => name.replace(/_\w+/, ''))).toEqual([
        'one.png',
        'two.png',
      ]);
      const expanded = first.expand as Json;
      expect(nameOf(expanded.owner)).toBe('Ada Novak');
      expect((expanded.watchers as unknown[]).map(nameOf)).toEqual(['Hana Moreau', 'Mila Santos']);

      await page.reload();
      await expect(panel.getByLabel('total')).toHaveValue('12.5');
      await expect(panel.getByRole('button', { name: 'Save' })).toBeHidden();
      await panel.getByLabel('total').fill('13');
      await expect(panel.getByText('1 change')).toBeVisible();
      await panel.getByLabel('total').fill('12,50');
      await expect(panel.getByRole('button', { name: 'Save' })).toBeHidden();

      await panel.getByLabel('body', { exact: true }).fill('');
      await panel.getByLabel('total').fill('');
      await panel.getByRole('switch', { name: 'paid' }).click();
      await panel.getByLabel('contact').fill('');
      await panel.getByLabel('site').fill('');
      await panel.getByRole('button', { name: 'Clear due' }).click();
      await frame(panel, 'status').getByRole('button', { name: 'shipped' }).click();
      await frame(panel, 'tags').getByRole('button', { name: 'b', exact: true }).click();
      await frame(panel, 'cover').getByRole('button', { name: 'Remove cover' }).click();
      await frame(panel, 'photos').getByRole('button', { name: 'Remove one' }).click();
      await frame(panel, 'photos').getByRole('button', { name: 'Keep one' }).click();
      await frame(panel, 'photos').getByRole('button', { name: 'Remove two' }).click();
      await panel.getByLabel('Choose files for photos').setInputFiles(picture('three.png'));
      await panel.getByRole('button', { name: 'Remove Ada Novak' }).click();
      await panel.getByRole('button', { name: 'Remove Mila Santos' }).click();
      await panel.getByLabel('meta').fill('');
      await panel.getByLabel('Latitude').fill('');
      await panel.getByLabel('Longitude').fill('');
      await frame(panel, 'pin').getByRole('button', { name: 'pin' }).click();
      await frame(panel, 'pin').getByRole('textbox').fill('another');
      await expect(panel.getByText('15 changes')).toBeVisible();
      await page.keyboard.press('Control+s');
      await saved(panel);

      const second = await stored(api, collection, 'First');
      expect(second).toMatchObject({
        body: '',
        total: 0,
        paid: false,
        contact: '',
        site: '',
        due: '',
        status: '',
        tags: ['g'],
        cover: '',
        owner: '',
        meta: null,
        place: { lat: 0, lon: 0 },
      });
      expect((second.photos as string[]).map((name) => name.replace(/_\w+/, ''))).toEqual([
        'one.png',
        'three.png',
      ]);
      expect(((second.expand as Json).watchers as unknown[]).map(nameOf)).toEqual(['Hana Moreau']);
      await expect(frame(panel, 'photos').getByRole('listitem')).toHaveCount(2);
    });

    test('what is wrong is told at the field, and unsaved work is kept', async ({ dashboard, page, api }) => {
      const name = `wrong_${size}`;
      await makeCollection(api, name);
      const { id } = await api.post(`collections/${name}/records`, { title: 'Kept', total: 1 });
      await dashboard.open(`/c/${name}/r/${String(id)}`);
      const panel = panelOf(page, 'Record Kept');
      await panel.getByLabel('due', { exact: true }).fill('31 February');
      await panel.getByLabel('meta').fill('{"a": }');
      await expect(frame(panel, 'meta')).toContainText('line 1, column 7');
      await panel.getByRole('button', { name: 'Save' }).click();
      await expect(panel.getByRole('alert')).toContainText('2 fields are not right');
      await expect(panel.getByLabel('due', { exact: true })).toBeFocused();
      await panel.getByRole('alert').getByRole('button', { name: 'meta' }).click();
      await expect(panel.getByLabel('meta')).toBeFocused();

      await panel.getByRole('button', { name: 'Undo' }).click();
      await panel.getByRole('textbox', { name: 'title required' }).fill('');
      await panel.getByLabel('total').fill('9000');
      await panel.getByLabel('contact').fill('nobody');
      await panel.getByRole('button', { name: 'Save' }).click();
      await expect(frame(panel, 'title')).toContainText('Fill this in.');
      await expect(frame(panel, 'total')).toContainText('Use 5,000 or less.');
      await expect(frame(panel, 'contact')).toContainText('Use an e-mail address');
      await expect(panel.getByRole('textbox', { name: 'title required' })).toBeFocused();
      expect(await stored(api, name, 'Kept')).toMatchObject({ total: 1, contact: '' });

      const close = page.getByRole('button', {
        name: size === 'phone' ? `Back to ${name}` : 'Close the record',
      });
      await close.click();
      const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
      await expect(dialog).toContainText('Not saved yet: title, total, contact.');
      await dialog.getByRole('button', { name: 'Keep editing' }).click();
      await expect(panel.getByLabel('total')).toHaveValue('9000');
      await close.click();
      await dialog.getByRole('button', { name: 'Discard 3 changes' }).click();
      await expect(panel).toBeHidden();
    });

    test('a record is duplicated and deleted', async ({ dashboard, page, api }) => {
      const name = `copies_${size}`;
      await makeCollection(api, name);
      const { id } = await api.post(`collections/${name}/records`, {
        title: 'Original',
        total: 7,
        tags: ['a'],
      });
      await dashboard.open(`/c/${name}/r/${String(id)}`);
      await page.getByRole('button', { name: 'More acts on this record' }).click();
      await page.getByRole('menuitem', { name: 'Duplicate' }).click();
      const form = panelOf(page, `New record in ${name}`);
      await expect(form.getByLabel('total')).toHaveValue('7');
      await form.getByRole('textbox', { name: 'title required' }).fill('Copy');
      await form.getByRole('button', { name: 'Create record' }).click();
      await expect(panelOf(page, 'Record Copy')).toBeVisible();
      expect(await stored(api, name, 'Copy')).toMatchObject({ total: 7, tags: ['a'] });

      await page.getByRole('button', { name: 'More acts on this record' }).click();
      await page.getByRole('menuitem', { name: 'Delete…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Delete Copy?' });
      await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
      await dialog.getByRole('button', { name: 'Delete Copy' }).click();
      await expect(dialog).toBeHidden();
      await expect(panelOf(page, 'Record Copy')).toBeHidden();
      await expect.poll(async () => (await api.get(`collections/${name}/records`)).totalItems).toBe(1);
    });

    for (const colorScheme of schemes) {
      test.describe(`accessible in ${colorScheme}`, () => {
        test.use({ colorScheme });
        test.slow();

        test('the editor with changes and problems', async ({ dashboard, page }) => {
          await dashboard.open('/c/orders/r/new');
          const form = panelOf(page, 'New record in orders');
          await form.getByLabel('total').fill('many');
          await form.getByRole('button', { name: 'Create record' }).click();
          await expect(form.getByRole('alert')).toBeVisible();
          await expectAccessible(page);
          await form.getByRole('combobox', { name: 'watchers' }).click();
          await expect(form.getByRole('option').first()).toBeVisible();
          await expectAccessible(page);
        });
      });
    }
  });
}
