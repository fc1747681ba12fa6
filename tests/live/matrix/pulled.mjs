// The rows of a state once more, from what the transfer protocol sends: a second reading that shares nothing with the first but
// the names of rows. What it cannot tell (administrators, files on the disk, settings) is left out of both.
const typeOf = (name) => name.slice(0, name.indexOf('/'));
const untold = /^(admin::|plugin::(content-releases|review-workflows))/;
const left = new Set(['createdBy', 'updatedBy', 'bytes', 'renditions', 'pathIsThatOfTheFolder', 'pathIsItsOwn']);

// Rows by name, from pulled entities and links.
export function rowsOf({ entities, links }, tables) {
  const ends = ordered(links);
  const names = new Map();
  const wanted = entities.filter(({ type }) => tables[type]?.kind === 'type' && !untold.test(type));
  for (const { type, id, data } of wanted) {
    const version = !tables[type].draftAndPublish ? '-' : data.publishedAt === null ? 'draft' : 'published';
    names.set(`${type} ${id}`, `${type}/${data.documentId} ${data.locale ?? '-'} ${version}`);
  }
  const record = (type, id, data) => {
    const record = {};
    for (const [field, attribute] of Object.entries(tables[type].attributes)) {
      if (field === 'id' || field === 'documentId' || left.has(field) || attribute.unstable_virtual) continue;
      if (attribute.type !== 'relation') record[field] = data[field] ?? null;
      else if (attribute.joinTable?.on) record[field] = inside(data[field], attribute.target);
      else if (type !== 'plugin::upload.file' || field !== 'related') {
        record[field] = { '@refs': (ends.get(`${type} ${id} ${field}`) ?? []).map((end) => names.get(end)).filter(Boolean) };
      }
    }
    return record;
  };
  const inside = (value, target) => {
    if (Array.isArray(value)) return value.map((item) => inside(item, target));
    return value ? { __component: value.__component ?? target, ...record(value.__component ?? target, value.id, value) } : null;
  };
  return Object.fromEntries(wanted.map(({ type, id, data }) => [names.get(`${type} ${id}`), record(type, id, data)]));
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
    // The order of media is kept at the file's end of the link, and means that of the owner.
    put(left, left.field, right, kind === 'relation.morph' ? right.pos : left.pos);
    put(right, right.field, left, right.pos);
  }
  for (const [key, list] of ends) ends.set(key, list.sort((a, b) => a.pos - b.pos).map(({ end }) => end));
  return ends;
}

// Rows of a state read from the database, in the words of the protocol.
export function comparable(state, tables) {
  const told = (type, record) =>
    Object.fromEntries(
      Object.entries(record)
        .filter(([field]) => !left.has(field))
        .map(([field, value]) => [field, worded(tables[type].attributes[field], value)]),
    );
  const worded = (attribute, value) => {
    if (attribute?.joinTable?.on) {
      const one = (component) => ({ __component: component.__component, ...told(component.__component, component) });
      return Array.isArray(value) ? value.map(one) : value && one(value);
    }
    // Relations, and what a plan leaves open, are no words of a database.
    if (value === null || attribute === undefined || typeof value === 'object') return value;
    if (attribute.type === 'datetime') return new Date(value).toISOString();
    if (attribute.type === 'boolean') return value === 1;
    if (attribute.type === 'json') return JSON.parse(value);
    return value;
  };
  const rows = Object.entries(state.rows).filter(([name]) => !untold.test(name));
  return Object.fromEntries(rows.map(([name, row]) => [name, told(typeOf(name), row)]));
}
