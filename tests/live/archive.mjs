// Reads a Strapi archive without any of Haul's code, and says what it means: content, relations and files by the ids
// that survive an import. Comments on the format: facts seen on archives of Strapi 5.54.0.
import { createDecipheriv, createHash, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export function open(path, key) {
  let bytes = readFileSync(path);
  if (path.endsWith('.enc')) {
    const secret = scryptSync(key, '', 16, { N: 16384, r: 8, p: 1 });
    const cipher = createDecipheriv('aes-128-ecb', secret, null);
    bytes = Buffer.concat([cipher.update(bytes), cipher.final()]);
  }
  if (bytes[0] === 0x1f) bytes = gunzipSync(bytes);
  return members(bytes);
}

function members(tar) {
  const found = [];
  let pax = null;
  for (let at = 0; at + 512 <= tar.length; ) {
    const header = tar.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) break;
    const text = (from, length) => header.toString('utf8', from, from + length).replace(/\0.*$/s, '');
    const size = parseInt(text(124, 12), 8);
    const content = tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
    if (header[156] === 'x'.charCodeAt(0)) {
      pax = /\d+ path=(.*)\n/.exec(content.toString('utf8'))?.[1];
      continue;
    }
    const prefix = text(345, 155);
    found.push({ name: pax ?? (prefix ? `${prefix}/` : '') + text(0, 100), content, header });
    pax = null;
  }
  return found;
}

function lines(members, folder) {
  return members
    .filter(({ name }) => name.startsWith(`${folder}/`))
    .flatMap(({ content }) => content.toString('utf8').split('\n'))
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}

// What an import does not keep: ids of rows, times that the server sets, users of the admin panel.
const volatile = new Set(['id', 'createdBy', 'updatedBy', 'localizations']);

function stripped(value) {
  if (Array.isArray(value)) return value.map(stripped);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => !volatile.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, stripped(inner)]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function meaning(members) {
  const owner = new Map(); // type and row id, components included, to a name that survives
  const schemas = new Map(lines(members, 'schemas').map((schema) => [schema.uid, schema]));
  const facts = new Map();
  const types = new Map();

  const components = (uid, data, name) => {
    for (const [field, attribute] of Object.entries(schemas.get(uid)?.attributes ?? {})) {
      if (attribute.type !== 'component' && attribute.type !== 'dynamiczone') continue;
      [data[field] ?? []].flat().forEach((row, place) => {
        const type = attribute.component ?? row.__component;
        const inner = `${name} ${field}[${place}]`;
        owner.set(`${type} ${row.id}`, inner);
        components(type, row, inner);
      });
    }
  };

  for (const { type, id, data } of lines(members, 'entities')) {
    const name = `${type} ${data.documentId} ${data.locale} ${data.publishedAt === null ? 'draft' : 'published'}`;
    owner.set(`${type} ${id}`, name);
    types.set(name, type);
    components(type, data, name);
    facts.set(name, JSON.stringify(stripped(data)));
  }

  const groups = new Map();
  for (const { kind, left, right } of lines(members, 'links')) {
    if (left.field === 'localizations') continue;
    const [from, to] = kind === 'relation.morph' && left.type === 'plugin::upload.file' ? [right, left] : [left, right];
    const [name, target] = [from, to].map((end) => owner.get(`${end.type} ${end.ref}`) ?? `missing ${end.type} ${end.ref}`);
    const group = `${name} -> ${from.field}`;
    groups.set(group, [...(groups.get(group) ?? []), { target, pos: from.pos ?? 0 }]);
  }
  for (const [group, targets] of groups) {
    const order = targets.sort((a, b) => a.pos - b.pos || (a.target < b.target ? -1 : 1)).map(({ target }) => target);
    facts.set(group, JSON.stringify(order));
  }

  for (const { name, content } of members) {
    if (name.startsWith('assets/uploads/')) facts.set(name, createHash('sha256').update(content).digest('hex'));
  }
  for (const { type, value } of lines(members, 'configuration')) {
    facts.set(`${type} ${value.key ?? value.name} ${value.environment} ${value.tag}`, JSON.stringify(stripped(value)));
  }
  for (const [uid, schema] of schemas) facts.set(`schema ${uid}`, JSON.stringify(stripped(schema)));
  return { facts, types };
}
