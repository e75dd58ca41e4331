import { accountMessages as words } from '@/messages.account.en';
import type { Failure } from './failure';

type Child = Node | string | null;
type Attributes = Record<string, string>;

/** Makes an element; children that are text stay text. */
export const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
};

const drawing = (path: string): SVGElement => {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(space, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
};

const tick = 'm3 8.5 3.2 3.2L13 4.5';
const warning = 'M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.8v.1';

/** Puts a page on the screen and names the window after it. The token in the address is no part of the name. */
export const show = (title: string, ...children: Child[]): void => {
  document.title = title;
  document.getElementById('root')?.replaceChildren(element('main', { class: 'page' }, ...children));
};

export const button = (label: string, act: () => void): HTMLButtonElement => {
  const made = element('button', { type: 'button', class: 'button' }, label);
  made.addEventListener('click', act);
  return made;
};

const details = (detail: string) =>
  element('details', {}, element('summary', {}, words.details), element('code', {}, detail));

type Outcome = { title: string; body: string; detail?: string; act?: HTMLElement | undefined };

/** How it ended: the focus goes there, so that it is read out and the next key press starts from it. */
export const showOutcome = (tone: 'ok' | 'bad', { title, body, detail, act }: Outcome): void => {
  const heading = element('h1', { tabindex: '-1' }, title);
  show(
    title,
    element(
      'div',
      { class: 'card', role: tone === 'ok' ? 'status' : 'alert' },
      element('span', { class: `sign-${tone}` }, drawing(tone === 'ok' ? tick : warning)),
      heading,
      element('p', {}, body),
      act ?? null,
      detail === undefined ? null : details(detail),
    ),
  );
  heading.focus();
};

export type Field = {
  row: HTMLElement;
  input: HTMLInputElement;
  /** Says what is wrong; undefined takes it back. */
  report: (problem: string | undefined) => void;
};

/** A password with its label, a way to look at it, and a line below for what is wrong with it. */
export const passwordField = (
  name: string,
  label: string,
  autocomplete: 'new-password' | 'current-password',
  hint = '',
): Field => {
  const note = element('p', { id: `${name}-note`, class: 'note', 'aria-live': 'polite' }, hint);
  const input = element('input', {
    id: name,
    name,
    type: 'password',
    autocomplete,
    'aria-describedby': note.id,
    'aria-invalid': 'false',
  });
  const toggle = element('button', { type: 'button', class: 'toggle' });
  const paint = (shown: boolean) => {
    input.type = shown ? 'text' : 'password';
    toggle.textContent = shown ? words.hide : words.show;
    toggle.setAttribute('aria-label', shown ? words.hideLabel(label) : words.showLabel(label));
  };
  paint(false);
  toggle.addEventListener('click', () => paint(input.type === 'password'));
  return {
    row: element(
      'div',
      { class: 'field' },
      element('label', { for: name }, label),
      element('div', { class: 'box' }, input, toggle),
      note,
    ),
    input,
    report: (problem) => {
      input.setAttribute('aria-invalid', String(problem !== undefined));
      note.textContent = problem ?? hint;
    },
  };
};

type FormPage = {
  title: string;
  intro: string | null;
  /** The account a password manager files the password under. */
  username: string | null;
  fields: Field[];
  act: string;
  working: string;
  /** Null when the page says itself how it ended. */
  onSubmit: () => Promise<Failure | null>;
};

/** A page with a form. A failure that another try may mend stands in it, so that what was typed stays. */
export const showForm = ({ title, intro, username, fields, act, working, onSubmit }: FormPage): void => {
  const problem = element('div', { class: 'problem', role: 'alert' });
  const submit = element('button', { type: 'submit', class: 'button accent' }, act);
  const form = element(
    'form',
    { novalidate: '', class: 'fields' },
    username === null
      ? null
      : element('input', { name: 'username', autocomplete: 'username', value: username, hidden: '' }),
    ...fields.map(({ row }) => row),
    problem,
    submit,
  );
  let isWorking = false;
  const paint = (works: boolean) => {
    isWorking = works;
    submit.textContent = works ? working : act;
    submit.setAttribute('aria-busy', String(works));
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isWorking) return;
    paint(true);
    problem.replaceChildren();
    void onSubmit()
      .then((failure) => {
        if (!failure) return;
        const sentence = element('p', {}, element('strong', {}, failure.title), element('br'), failure.body);
        problem.replaceChildren(sentence, details(failure.detail));
      })
      .finally(() => paint(false));
  });
  show(
    title,
    element(
      'div',
      { class: 'card' },
      element('h1', {}, title),
      intro === null ? null : element('p', {}, intro),
      form,
    ),
  );
  fields[0]?.input.focus();
};

/** Shows what is wrong with which field and moves the focus to the first. Tells whether anything is. */
export const reportAll = (problems: readonly (readonly [Field, string | undefined])[]): boolean => {
  for (const [field, problem] of problems) field.report(problem);
  const first = problems.find(([, problem]) => problem !== undefined)?.[0];
  first?.input.focus();
  return first !== undefined;
};
