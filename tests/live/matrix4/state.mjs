// What a server of 4.26.2 holds, read over the transfer protocol and from its disk: rows by type, name and locale rather than by
// number, relations by the names of their rows. Shares no code with Haul.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Session, pull } from '../matrix/wire.mjs';

const untold = /^(admin::|plugin::content-releases)/;
const unnamed = ['createdBy', 'updatedBy'];
const names = ['title', 'label', 'name', 'username', 'code', 'text', 'heading', 'value', 'action'];

export async function schemas(project, url, token) {
  const session = await Session.open(project, `${url}/admin`, token, 'pull');
  await session.command('init', { transfer: 'pull' });
  await session.action('bootstrap');
  const schemas = await session.action('getSchemas');
  await session.end();
  return schemas;
}

export async function read(project, url, token, schemas) {
  const { entities, links, configuration } = await pull(project, `${url}/admin`, token);
  const told = entities.filter(({ type }) => !untold.test(type)).sort((a, b) => a.id - b.id);
  const called = new Map();
  const taken = new Map();
  for (const { type, id, data } of told) {
    const label = schemas[type].kind === 'singleType' ? 'single' : type.endsWith('permission') ? id : data[names.find((name) => data[name])];
    const name = `${type}/${label} ${data.locale ?? '-'}`;
    taken.set(name, (taken.get(name) ?? 0) + 1);
    called.set(`${type} ${id}`, taken.get(name) === 1 ? name : `${name} #${taken.get(name)}`);
  }
  const ends = ordered(links);
  const record = (type, id, data) => {
    const record = {};
    for (const [field, attribute] of Object.entries(schemas[type].attributes)) {
      if (unnamed.includes(field)) continue;
      if (attribute.type === 'component') record[field] = inside(data[field], attribute.component);
      else if (attribute.type === 'dynamiczone') record[field] = inside(data[field]);
      else if (attribute.type !== 'relation' && attribute.type !== 'media') record[field] = data[field] ?? null;
      // What a file is shown by is told at the other end; what was deleted leaves litter there.
      else if (type !== 'plugin::upload.file' || field !== 'related') {
        record[field] = { refs: (ends.get(`${type} ${id} ${field}`) ?? []).map((end) => called.get(end)).filter(Boolean) };
      }
    }
    return record;
  };
  const inside = (value, type) => {
    if (Array.isArray(value)) return value.map((item) => inside(item, type));
    return value ? { component: value.__component ?? type, ...record(value.__component ?? type, value.id, value) } : null;
  };
  const rows = Object.fromEntries(told.map(({ type, id, data }) => [called.get(`${type} ${id}`), record(type, id, data)]));
  const ids = Object.fromEntries(told.map(({ type, id }) => [called.get(`${type} ${id}`), `${type}/${id}`]));
  // A server draws this one anew now and then.
  const lasting = configuration.filter(({ value }) => value.key !== 'plugin_upload_metrics');
  const settings = Object.fromEntries(lasting.map(({ value }) => [`${value.key} ${value.environment} ${value.tag}`, value.value]));
  return { rows, ids, settings, disk: disk(project) };
}

// What stands at each end of each relation, in its order: "type id field" to "type id".
function ordered(links) {
  const ends = new Map();
  const put = (at, field, other, pos) => {
    if (field === undefined) return;
    const key = `${at.type} ${at.ref} ${field}`;
    ends.set(key, [...(ends.get(key) ?? []), { end: `${other.type} ${other.ref}`, pos: pos ?? 0 }]);
  };
  for (const { kind, left, right } of links) {
    put(left, left.field, right, kind === 'relation.morph' ? right.pos : left.pos);
    put(right, right.field, left, right.pos);
  }
  for (const [key, list] of ends) ends.set(key, list.sort((a, b) => a.pos - b.pos).map(({ end }) => end));
  return ends;
}

function disk(project) {
  const folder = join(project, 'public/uploads');
  const files = readdirSync(folder).filter((name) => name !== '.gitkeep').sort();
  return Object.fromEntries(files.map((name) => [name, createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')]));
}
