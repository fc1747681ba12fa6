// same4.mjs LEFT RIGHT [PATTERN [files]]   both archives of 4.26.2 hold the same, line by line and file by file, apart from order, from the time
// of the export, from settings that the pattern fits, and from the numbers of rows: a row is told by its data and by what it is joined
// with. With `files` the right one may hold files besides. Shares no code with Haul.
import { createHash } from 'node:crypto';
import { open } from './archive.mjs';

const [, , leftPath, rightPath, pattern, besides] = process.argv;
const leftOut = new RegExp(pattern ?? '^plugin_upload_metrics$');
const hash = (text) => createHash('sha256').update(text).digest('hex').slice(0, 24);

function sorted(value, drop) {
  if (Array.isArray(value)) return value.map((item) => sorted(item, drop));
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => !drop.includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, sorted(inner, drop)]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const lines = (members, folder) => members
  .filter(({ name }) => name.startsWith(`${folder}/`))
  .flatMap(({ content }) => content.toString('utf8').split('\n'))
  .filter((line) => line.trim() !== '')
  .map((line) => JSON.parse(line));

function facts(path) {
  const members = open(path);
  const schemas = new Map(lines(members, 'schemas').map((schema) => [schema.uid, schema]));
  const entities = lines(members, 'entities');
  // Rows and rows of components, by type and number: what they are told by, at first by what they hold.
  const told = new Map();
  const shown = new Map();
  const enter = (uid, row, data, place) => {
    told.set(`${uid} ${row}`, hash(place));
    shown.set(`${uid} ${row}`, place.slice(0, 300));
    for (const [field, attribute] of Object.entries(schemas.get(uid)?.attributes ?? {})) {
      if (attribute.type !== 'component' && attribute.type !== 'dynamiczone') continue;
      [data[field] ?? []].flat().forEach((part, at) => {
        const type = attribute.component ?? part.__component;
        enter(type, part.id, part, `${place} ${field}[${at}]`);
      });
    }
  };
  for (const { type, id, data } of entities) enter(type, id, data, `${type} ${JSON.stringify(sorted(data, ['id']))}`);
  const key = (end) => `${end.type} ${end.ref}`;
  // What a server of v4 leaves behind of rows that are gone leads nowhere.
  const links = lines(members, 'links').filter(({ left, right }) => told.has(key(left)) && told.has(key(right)));
  const place = ({ kind, relation, left, right }) => JSON.stringify([kind, relation, left.field, left.pos, right.field, right.pos]);
  for (let round = 0; round < 3; round++) {
    const joined = new Map([...told.keys()].map((row) => [row, []]));
    for (const link of links) {
      joined.get(key(link.left)).push(`> ${place(link)} ${told.get(key(link.right))}`);
      joined.get(key(link.right)).push(`< ${place(link)} ${told.get(key(link.left))}`);
    }
    for (const [row, ends] of joined) told.set(row, hash([told.get(row), ...ends.sort()].join('\n')));
  }
  const facts = [];
  for (const { type, id, data } of entities) facts.push(`row ${told.get(`${type} ${id}`)} ${type} ${JSON.stringify(sorted(data, ['id']))}`);
  for (const link of links) facts.push(`link ${place(link)} ${told.get(key(link.left))} ${told.get(key(link.right))}: ${shown.get(key(link.left))} -> ${shown.get(key(link.right))}`);
  for (const { type, value } of lines(members, 'configuration')) {
    if (!leftOut.test(value.key ?? value.name)) facts.push(`${type} ${JSON.stringify(sorted(value, ['id']))}`);
  }
  for (const schema of schemas.values()) facts.push(`schema ${JSON.stringify(sorted(schema, []))}`);
  for (const { name, content } of members) {
    if (name.startsWith('assets/metadata/')) facts.push(`${name} ${JSON.stringify(sorted(JSON.parse(content.toString('utf8')), ['id']))}`);
    if (name.startsWith('assets/uploads/')) facts.push(`${name} ${createHash('sha256').update(content).digest('hex')}`);
    if (name === 'metadata.json') facts.push(JSON.stringify({ ...JSON.parse(content.toString('utf8')), createdAt: null }));
  }
  return facts.sort();
}

const [left, right] = [facts(leftPath), facts(rightPath)];
const without = (one, other) => {
  const left = new Map();
  for (const fact of other) left.set(fact, (left.get(fact) ?? 0) + 1);
  return one.filter((fact) => (left.get(fact) ? left.set(fact, left.get(fact) - 1) && false : true));
};
const isFile = (fact) => /^assets\/|^row \S+ plugin::upload\.file /.test(fact);
const [lost, made] = [without(left, right), without(right, left).filter((fact) => !(besides && isFile(fact)))];
if (lost.length + made.length > 0) {
  const tell = (what, list) => list.slice(0, 8).forEach((fact) => console.error(`${what}: ${fact.slice(0, 700)}`));
  tell('only left', lost);
  tell('only right', made);
  console.error(`${lost.length} facts of ${leftPath} and ${made.length} of ${rightPath} are not in the other`);
  process.exit(1);
}
console.log(`the same: ${left.length} rows, links, settings and files (${leftPath}, ${rightPath})`);
