// convert.mjs V4 CONVERTED UPGRADED   judges a conversion without any of Haul's code, by what entries say and not by their ids:
//   against V4, the archive that was converted: every row is there in the versions that v5 keeps of it, with the same values and
//   the same relations in the same order;
//   against UPGRADED, an archive of the same database after 5.54.0 upgraded it: the same rows, and every relation that this
//   leaves between two drafts, two published rows, or with something that has no drafts.
import { isDeepStrictEqual } from 'node:util';
import { open } from './archive.mjs';

const key = process.env.KEY;
const [v4, converted, upgraded] = process.argv.slice(2).map((path) => read(open(path, key)));
const wrong = [];
const check = (good, what) => { if (!good) wrong.push(what); };

function read(members) {
  const lines = (folder) =>
    members
      .filter(({ name }) => name.startsWith(`${folder}/`))
      .flatMap(({ content }) => content.toString('utf8').split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const schemas = new Map(lines('schemas').map((schema) => [schema.uid, schema]));
  const older = members.some(({ name, content }) => name === 'metadata.json' && JSON.parse(content).strapi.version.startsWith('4.'));
  const owner = new Map(); // type and row id, components included: where that is, by words
  const rows = new Map();
  const walk = (uid, data, path, row) => {
    for (const [field, { type, component }] of Object.entries(schemas.get(uid)?.attributes ?? {})) {
      if (type !== 'component' && type !== 'dynamiczone') continue;
      [data[field] ?? []].flat().forEach((inner, place) => {
        const [kind, at] = [component ?? inner.__component, `${path} ${field}[${place}]`];
        owner.set(`${kind} ${inner.id}`, { ...row, at });
        walk(kind, inner, at, row);
      });
    }
  };
  for (const { type, id, data } of lines('entities')) {
    const schema = schemas.get(type);
    const called = data.title ?? data.label ?? data.heading ?? data.text ?? data.username ?? data.action ?? data.code ?? data.name ?? data.value;
    const localized = schema.pluginOptions?.i18n?.localized === true;
    const name = `${type} ${called}${localized ? ` ${data.locale}` : ''}`;
    const state = !schema.options?.draftAndPublish ? 'plain' : data.publishedAt === null ? 'draft' : 'published';
    const row = { name, state };
    owner.set(`${type} ${id}`, { ...row, at: '' });
    walk(type, data, '', row);
    const kept = JSON.parse(JSON.stringify(data, (field, value) => (field === 'id' && typeof value === 'number' ? undefined : value)));
    for (const field of ['documentId', 'publishedAt', 'locale', 'focalPoint', 'createdBy', 'updatedBy']) delete kept[field];
    const before = rows.get(`${name} ${state}`);
    if (before) throw new Error(`two rows are called ${name} ${state}`);
    rows.set(`${name} ${state}`, { ...row, id, kept, data, localized });
  }
  const relations = new Map();
  const documents = new Map();
  for (const { kind, left, right } of lines('links')) {
    if (left.field === 'localizations') {
      if (!older) documents.set(`${left.type} ${left.ref}`, right.ref);
      continue;
    }
    const media = kind === 'relation.morph' && left.type === 'plugin::upload.file';
    const [from, to] = (media ? [right, left] : [left, right]).map((end) => owner.get(`${end.type} ${end.ref}`));
    if (!from || !to) throw new Error(`a link without an end: ${JSON.stringify({ left, right })}`);
    const field = `${from.name}${from.at} .${media ? right.field : left.field}`;
    const group = `${field} ${from.state}`;
    const pos = media || kind === 'relation.morph' ? (right.pos ?? 0) : (left.pos ?? 0);
    relations.set(group, [...(relations.get(group) ?? []), { field, from, to, pos }]);
  }
  for (const list of relations.values()) list.sort((a, b) => a.pos - b.pos || (a.to.name < b.to.name ? -1 : 1));
  const files = new Map(members.filter(({ name }) => name.startsWith('assets/uploads/')).map(({ name, content }) => [name, content]));
  return { rows, relations, documents, owner, files };
}

// What v5 keeps of a row of v4, and which of these a relation joins.
const versions = (state) => (state === 'published' ? ['published', 'draft'] : [state]);
const meet = (one, other) => one === 'plain' || other === 'plain' || one === other;

let rows = 0;
for (const { name, state, kept, data, localized } of v4.rows.values()) {
  for (const version of versions(state)) {
    rows += 1;
    const found = converted.rows.get(`${name} ${version}`);
    check(found, `is lost: ${name} ${version}`);
    if (!found) continue;
    check(isDeepStrictEqual(found.kept, kept), `has other values: ${name} ${version}`);
    check(found.data.locale === (localized ? data.locale : null), `has another locale: ${name} ${version}`);
    check(version !== 'published' || found.data.publishedAt === data.publishedAt, `was published at another time: ${name}`);
    check(version !== 'plain' || found.data.publishedAt === data.createdAt, `has no time of publishing: ${name}`);
    check(/^[a-z][a-z0-9]{23}$/.test(found.data.documentId), `has an odd documentId: ${name} ${version}`);
    const type = name.split(' ')[0];
    check(converted.documents.get(`${type} ${found.id}`) === found.data.documentId, `has no link to its document: ${name} ${version}`);
  }
}
check(converted.rows.size === rows, `${converted.rows.size} rows instead of ${rows}`);

let joined = 0;
for (const list of v4.relations.values()) {
  for (const version of versions(list[0].from.state)) {
    const expected = list.flatMap(({ to }) => versions(to.state).filter((other) => meet(version, other)).map((other) => `${to.name} ${other}`));
    const found = (converted.relations.get(`${list[0].field} ${version}`) ?? []).map(({ to }) => `${to.name} ${to.state}`);
    // Of two versions of one entry at the same place neither is the first.
    const inOrder = (names) => names.map((name) => name.replace(/ (draft|published)$/, '')).join();
    joined += expected.length;
    check(isDeepStrictEqual([...found].sort(), [...expected].sort()), `${list[0].field} ${version} leads to ${found}, not to ${expected}`);
    check(inOrder(found) === inOrder(expected), `${list[0].field} ${version} is in another order`);
  }
}
const all = [...converted.relations.values()].reduce((sum, list) => sum + list.length, 0);
check(all === joined, `${all} relations instead of ${joined}`);
for (const [name, content] of v4.files) check(converted.files.get(name)?.equals(content), `another file: ${name}`);

// The upgraded database: its documents have other ids, and what has no drafts counts as published since the upgrade.
for (const [called, { kept, data }] of upgraded.rows) {
  if (called.startsWith('plugin::users-permissions.permission')) continue;
  const found = converted.rows.get(called);
  check(found, `the upgrade has ${called}`);
  if (!found) continue;
  check(isDeepStrictEqual(found.kept, kept), `the upgrade has other values of ${called}`);
  check((found.data.publishedAt === null) === (data.publishedAt === null), `the upgrade has another state of ${called}`);
  check(found.data.locale === data.locale, `the upgrade has another locale of ${called}`);
}
const groups = ({ rows }) => {
  const together = new Map();
  for (const [called, { data }] of rows) together.set(data.documentId, [...(together.get(data.documentId) ?? []), called].sort());
  return [...together.values()].map(String).filter((group) => !group.includes('users-permissions.permission')).sort();
};
check(isDeepStrictEqual(groups(converted), groups(upgraded)), 'the upgrade joins other rows to documents');
let agreed = 0;
for (const [group, list] of upgraded.relations) {
  const found = (converted.relations.get(group) ?? []).map(({ to }) => `${to.name} ${to.state}`);
  for (const { from, to } of list.filter(({ from, to }) => meet(from.state, to.state))) {
    if (from.name.startsWith('plugin::users-permissions.permission')) continue;
    agreed += 1;
    check(found.includes(`${to.name} ${to.state}`), `the upgrade joins ${group} with ${to.name} ${to.state}`);
  }
}
if (wrong.length > 0) {
  console.error(wrong.slice(0, 20).join('\n'));
  console.error(`${wrong.length} differences`);
  process.exit(1);
}
console.log(`${rows} rows and ${joined} relations as expected; ${agreed} relations as 5.54.0 upgrades them`);
