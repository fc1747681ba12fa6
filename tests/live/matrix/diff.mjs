// diff.mjs EXPECTED.json ACTUAL.json   what differs between two states, in words.
//
// An expected value may leave something open: {any: true}, {oneOf: [values]}, {not: value}.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { documentOf } from './model.mjs';

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const isOpen = (value) => value !== null && typeof value === 'object' && ['any', 'oneOf', 'not'].some((word) => word in value);
const short = (value) => (JSON.stringify(value) ?? 'nothing').slice(0, 500);

function fits(open, actual) {
  if (open.any) return true;
  if (open.oneOf) return open.oneOf.some((value) => same(value, actual));
  return typeof actual === 'string' && actual !== open.not;
}

// Differences as {kind, where, text}. Those of kind `soft` are known limits of the protocol and say so. With `tables`, the order
// in which the other end of a relation sees its owners is a kind of its own: `inverse order`.
export function differences(expected, actual, tables = {}) {
  const found = [];
  const inverse = (where) => {
    const [type, field] = [where.slice(0, where.indexOf('/')), where.slice(where.lastIndexOf(' ') + 1)];
    return tables[type]?.attributes[field]?.mappedBy !== undefined;
  };
  const tell = (kind, where, text) => found.push({ kind: kind === 'order' && inverse(where) ? 'inverse order' : kind, where, text });
  rows(expected.rows, actual.rows, tell);
  disk(expected, actual, tell);
  named('setting', expected.settings, actual.settings, tell);
  named('internal', expected.models, actual.models, tell);
  for (const [what, count] of Object.entries(expected.litter)) {
    if (actual.litter[what] === count) continue;
    tell(what === 'media' ? 'soft' : 'litter', what, `${actual.litter[what]} rows that nothing holds, expected ${count}`);
  }
  return found;
}

function rows(expected, actual, tell) {
  for (const name of Object.keys(expected)) {
    if (!(name in actual)) tell('lost row', name, 'is not there');
    else value(expected[name], actual[name], name, '', tell);
  }
  for (const name of Object.keys(actual)) if (!(name in expected)) tell('extra row', name, `is there: ${short(actual[name])}`);
}

function value(expected, actual, name, path, tell) {
  if (same(expected, actual)) return;
  const where = `${name} ${path}`;
  if (expected !== null && typeof expected === 'object' && isOpen(expected)) {
    if (!fits(expected, actual)) tell('field', where, `${short(actual)}, expected ${short(expected)}`);
  } else if (expected?.['@tail'] && actual?.['@refs'] && sameTail(expected, actual['@refs'])) return;
  else if (expected?.['@refs'] && actual?.['@refs']) refs(expected['@refs'], actual['@refs'], where, path, tell);
  else if (both(Array.isArray, expected, actual)) {
    if (expected.length !== actual.length) return tell('component', where, `${actual.length} components, expected ${expected.length}`);
    expected.forEach((item, n) => value(item, actual[n], name, `${path}[${n}]`, tell));
  } else if (both((item) => item !== null && typeof item === 'object' && !Array.isArray(item), expected, actual)) {
    for (const field of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      value(expected[field], actual[field], name, path === '' ? field : `${path}.${field}`, tell);
    }
  } else {
    const component = [expected, actual].some((item) => item?.__component || Array.isArray(item));
    tell(component ? 'component' : 'field', where, `${short(actual)}, expected ${short(expected)}`);
  }
}

// What comes new to the list of a row that stays comes last, document by document; the versions of one in the order of their rows.
function sameTail({ '@refs': expected, '@tail': tail }, actual) {
  const documents = (refs) => [...refs.slice(0, -tail), ...refs.slice(-tail).map(documentOf)];
  return same(documents(expected), documents(actual)) && same([...expected].sort(), [...actual].sort());
}

const both = (test, a, b) => test(a) && test(b);

function refs(expected, actual, where, path, tell) {
  const text = `${short(actual)}, expected ${short(expected)}`;
  if (/^(created|updated)By$/.test(path)) tell(actual.length === 0 ? 'soft' : 'field', where, text);
  else tell(same([...expected].sort(), [...actual].sort()) ? 'order' : 'relation', where, text);
}

// Files that no written row accounts for may not come, go or change.
function disk(expected, actual, tell) {
  const accounted = new Set();
  for (const name of expected.writtenFiles ?? []) {
    const row = actual.rows[name];
    if (!row) continue;
    accounted.add(`${row.hash}${row.ext ?? ''}`);
    for (const { hash, ext } of Object.values(JSON.parse(row.formats ?? 'null') ?? {})) accounted.add(`${hash}${ext ?? ''}`);
  }
  for (const [name, bytes] of Object.entries(expected.disk)) {
    if (!(name in actual.disk)) tell('file', name, 'is gone from the disk');
    else if (actual.disk[name] !== bytes) tell('file', name, 'has other bytes');
  }
  for (const name of Object.keys(actual.disk)) if (!(name in expected.disk) && !accounted.has(name)) tell('file', name, 'came to the disk');
}

function named(kind, expected, actual, tell) {
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    if (!same(expected[name], actual[name])) tell(kind, name, `${short(actual[name])}, expected ${short(expected[name])}`);
  }
}

export const told = (found) => found.map(({ kind, where, text }) => `${kind}: ${where}: ${text}`).join('\n');

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [expected, actual] = process.argv.slice(2, 4).map((path) => JSON.parse(readFileSync(path)));
  const found = differences(expected, actual);
  if (found.length > 0) console.log(told(found));
  process.exit(found.some(({ kind }) => kind !== 'soft') ? 1 : 0);
}
