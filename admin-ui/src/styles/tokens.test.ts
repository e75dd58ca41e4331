import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

// Recomputes the contrast of every pair that carries meaning, from the token file itself.

type Theme = 'light' | 'dark';
type Oklch = readonly [lightness: number, chroma: number, hue: number];

const source = readFileSync('src/styles/tokens.css', 'utf8');

const tokens = new Map<string, Record<Theme, Oklch>>();
const pair = /--([\w-]+): light-dark\(oklch\(([^)]+)\), oklch\(([^)]+)\)\);/g;
const parse = (text: string): Oklch => {
  const [lightness = NaN, chroma = NaN, hue = NaN] = text.split(' ').map(Number);
  return [lightness, chroma, hue];
};
for (const [, name = '', light = '', dark = ''] of source.matchAll(pair)) {
  tokens.set(name, { light: parse(light), dark: parse(dark) });
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

const linearRgb = ([lightness, chroma, hue]: Oklch): [number, number, number] => {
  const radians = (hue * Math.PI) / 180;
  const a = chroma * Math.cos(radians);
  const b = chroma * Math.sin(radians);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    clamp(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clamp(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clamp(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
};

const encode = (value: number) => (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);
const decode = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const bytes = (colour: Oklch) => linearRgb(colour).map((value) => Math.round(encode(value) * 255));

const hex = (colour: Oklch) =>
  `#${bytes(colour)
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;

// Luminance of the 8-bit colour a screen shows, as the contrast rule defines it.
const luminance = (colour: Oklch) => {
  const [red = 0, green = 0, blue = 0] = bytes(colour).map((value) => decode(value / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const token = (name: string, theme: Theme): Oklch => {
  const found = tokens.get(name);
  if (!found) throw new Error(`no token ${name}`);
  return found[theme];
};

const contrast = (front: string, back: string, theme: Theme): number => {
  const [one, two] = [luminance(token(front, theme)), luminance(token(back, theme))];
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
};

const hexes: Record<string, [light: string, dark: string]> = {
  canvas: ['#f8f7f4', '#141310'],
  surface: ['#ffffff', '#1d1c18'],
  sunken: ['#efece8', '#0e0d0a'],
  line: ['#dedcd7', '#33312d'],
  control: ['#89867e', '#7b7770'],
  text: ['#211e18', '#ebe9e5'],
  muted: ['#605c53', '#ada9a1'],
  accent: ['#116474', '#65c9d4'],
  'accent-hover': ['#0d5260', '#84dbe5'],
  'on-accent': ['#ffffff', '#091619'],
  'accent-soft': ['#dbf2f7', '#0c333c'],
  danger: ['#b92229', '#f4877f'],
  'danger-soft': ['#ffe8e6', '#451e1c'],
  warn: ['#8b5511', '#ebb25f'],
  'warn-soft': ['#feefcf', '#3b2a12'],
  ok: ['#27713d', '#76cf8a'],
  'ok-soft': ['#dff6e2', '#1a321f'],
  focus: ['#1e79ad', '#4ebceb'],
  mark: ['#faea89', '#645410'],
};

type Pair = [front: string, back: string, light: number, dark: number];

const textPairs: Pair[] = [
  ['text', 'surface', 16.6, 14.1],
  ['text', 'sunken', 14.1, 16.0],
  ['muted', 'surface', 6.7, 7.3],
  ['muted', 'sunken', 5.7, 8.3],
  ['accent', 'surface', 6.8, 8.8],
  ['on-accent', 'accent', 6.8, 9.5],
  ['on-accent', 'accent-hover', 8.8, 11.6],
  ['on-accent', 'danger', 6.3, 7.6],
  ['text', 'accent-soft', 14.3, 11.1],
  ['accent', 'accent-soft', 5.8, 7.0],
  ['danger', 'surface', 6.3, 7.0],
  ['danger', 'danger-soft', 5.4, 5.9],
  ['warn', 'surface', 6.2, 9.0],
  ['warn', 'warn-soft', 5.4, 7.3],
  ['ok', 'surface', 6.0, 9.0],
  ['ok', 'ok-soft', 5.2, 7.3],
  ['text', 'mark', 13.6, 6.1],
];

const shapePairs: Pair[] = [
  ['control', 'surface', 3.6, 3.8],
  ['control', 'sunken', 3.1, 4.4],
  ['focus', 'surface', 4.8, 7.9],
];

/** Pairs the table does not list, but the screens use. */
const usedPairs: [front: string, back: string][] = [
  ['text', 'canvas'],
  ['muted', 'canvas'],
  ['accent', 'canvas'],
  ['accent', 'sunken'],
  ['danger', 'canvas'],
  ['warn', 'sunken'],
  ['text', 'danger-soft'],
  ['text', 'warn-soft'],
  ['text', 'ok-soft'],
  ['muted', 'accent-soft'],
];

const themes: Theme[] = ['light', 'dark'];

describe.each(themes)('%s tokens', (theme) => {
  const index = theme === 'light' ? 0 : 1;

  test('are the colours of the table', () => {
    expect(Object.fromEntries([...tokens].map(([name, colours]) => [name, hex(colours[theme])]))).toEqual(
      Object.fromEntries(Object.entries(hexes).map(([name, values]) => [name, values[index]])),
    );
  });

  test.each(textPairs)('%s on %s can be read', (front, back, ...values) => {
    const found = contrast(front, back, theme);
    expect(found).toBeGreaterThanOrEqual(4.5);
    expect(Math.abs(found - values[index])).toBeLessThanOrEqual(0.1);
  });

  test.each(shapePairs)('%s on %s can be seen', (front, back, ...values) => {
    const found = contrast(front, back, theme);
    expect(found).toBeGreaterThanOrEqual(3);
    expect(Math.abs(found - values[index])).toBeLessThanOrEqual(0.1);
  });

  test.each(usedPairs)('%s on %s can be read', (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5);
  });
});
