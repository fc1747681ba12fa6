// state.mjs PROJECT   the state of a server as JSON, read from its SQLite file and its folder of files.
//
// Shares nothing with Haul: neither its code nor the transfer protocol. Rows are named by type, documentId, locale and version;
// row ids never appear. Relations stand in the order in which Strapi would answer them, at both of their ends.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// What a server writes by itself while it is asked: logins, and when a token was last used.
const untold = new Set(['admin::session']);
const untoldFields = new Set(['lastUsedAt']);
const untoldSettings = new Set(['plugin_upload_metrics']);
const FILE = 'plugin::upload.file';
const FOLDER = 'plugin::upload.folder';

export function read(project, database = join(project, '.tmp/data.db')) {
  const folder = resolve(project);
  const Database = createRequire(join(folder, 'package.json'))('better-sqlite3');
  const db = new Database(database, { readonly: true });
  try {
    return new Reader(db, JSON.parse(readFileSync(join(folder, '.tmp/tables.json'))), join(folder, 'public/uploads')).state();
  } finally {
    db.close();
  }
}

const quoted = (name) => `"${name}"`;
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

class Reader {
  constructor(db, tables, uploads) {
    Object.assign(this, { db, tables, uploads, rows: new Map(), names: new Map(), used: new Map(), litter: {}, statements: new Map() });
    db.exec('BEGIN');
    for (const [uid, { kind, table, attributes }] of Object.entries(tables)) {
      if (attributes.id) this.rows.set(uid, new Map(this.load(table, attributes).map((row) => [row.id, row])));
      if (kind === 'type') this.name(uid);
    }
  }

  all(sql, ...values) {
    if (!this.statements.has(sql)) this.statements.set(sql, this.db.prepare(sql));
    return this.statements.get(sql).all(...values);
  }

  // Big integers as text: a number of JavaScript would round them.
  load(table, attributes) {
    const big = Object.values(attributes).filter(({ type }) => type === 'biginteger').map(({ columnName }) => columnName);
    const more = big.map((column) => `, CAST(${quoted(column)} AS TEXT) AS ${quoted(column)}`).join('');
    return this.all(`SELECT *${more} FROM ${quoted(table)} ORDER BY id`);
  }

  // Names for all rows of a type; two rows of one name are told apart by a number, which no right state has.
  name(uid) {
    const { draftAndPublish } = this.tables[uid];
    const [names, seen] = [new Map(), new Map()];
    for (const row of this.rows.get(uid).values()) {
      const version = !draftAndPublish ? '-' : row.published_at === null ? 'draft' : 'published';
      const name = `${uid}/${row.document_id} ${row.locale ?? '-'} ${version}`;
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      names.set(row.id, times === 1 ? name : `${name} #${times}`);
    }
    this.names.set(uid, names);
  }

  state() {
    const rows = {};
    for (const [uid, { kind }] of Object.entries(this.tables)) {
      if (kind !== 'type' || untold.has(uid)) continue;
      for (const [id, row] of this.rows.get(uid)) rows[this.names.get(uid).get(id)] = this.record(uid, row);
    }
    this.countLitter();
    return { rows: sorted(rows), disk: this.disk(), settings: this.settings(), models: this.models(), litter: this.litter };
  }

  record(uid, row) {
    const record = {};
    for (const [field, attribute] of Object.entries(this.tables[uid].attributes)) {
      if (field === 'id' || field === 'documentId' || untoldFields.has(field)) continue;
      if (attribute.type !== 'relation') record[field] = row[attribute.columnName];
      else if (!attribute.unstable_virtual) this.relation(uid, row, field, attribute, record);
    }
    if (uid === FILE) this.file(row, record);
    if (uid === FOLDER) record.pathIsItsOwn = [...this.rows.get(FOLDER).values()].filter(({ path_id, path }) => path_id === row.path_id || path === row.path).length === 1;
    return record;
  }

  relation(uid, row, field, attribute, record) {
    const { joinTable: join, joinColumn, morphColumn, morphBy } = attribute;
    if (uid === FILE && field === 'related') return; // told at the other end, with the order that matters
    if (join?.on) record[field] = this.components(uid, row, field, attribute);
    else if (morphBy) record[field] = this.morphed(uid, row, field, attribute);
    else if (morphColumn) record[field] = this.refs([{ type: row[morphColumn.typeColumn.name], id: row[morphColumn.idColumn.name] }]);
    else if (join?.morphColumn) record[field] = this.refs(this.morphTargets(join, row));
    else if (join) record[field] = this.refs(this.joined(join, row).map((id) => ({ type: attribute.target, id })));
    else if (joinColumn) record[field] = this.refs([{ type: attribute.target, id: row[joinColumn.name] }]);
  }

  joined({ name, joinColumn, inverseJoinColumn, orderColumnName }, row) {
    const order = orderColumnName ? `${quoted(orderColumnName)}, id` : 'id';
    const sql = `SELECT ${quoted(inverseJoinColumn.name)} AS target FROM ${quoted(name)} WHERE ${quoted(joinColumn.name)} = ? ORDER BY ${order}`;
    return this.all(sql, row.id).map(({ target }) => target);
  }

  morphTargets({ name, joinColumn, morphColumn }, row) {
    const [type, id] = [morphColumn.typeColumn.name, morphColumn.idColumn.name].map(quoted);
    const sql = `SELECT ${type} AS type, ${id} AS id FROM ${quoted(name)} WHERE ${quoted(joinColumn.name)} = ? ORDER BY "order", id`;
    return this.all(sql, row.id);
  }

  // Media and other relations whose rows are kept by the target.
  morphed(uid, row, field, { target, morphBy }) {
    const { name, joinColumn, morphColumn } = this.tables[target].attributes[morphBy].joinTable;
    const [type, id] = [morphColumn.typeColumn.name, morphColumn.idColumn.name].map(quoted);
    const sql = `SELECT ${quoted(joinColumn.name)} AS id FROM ${quoted(name)} WHERE ${type} = ? AND ${id} = ? AND field = ? ORDER BY "order", id`;
    return this.refs(this.all(sql, uid, row.id, field).map(({ id }) => ({ type: target, id })));
  }

  refs(targets) {
    const refs = targets.filter(({ id }) => id !== null && id !== undefined).map(({ type, id }) => this.names.get(type)?.get(id));
    return { '@refs': refs.filter((name) => name !== undefined) };
  }

  components(uid, row, field, { relation, joinTable: { name } }) {
    const sql = `SELECT cmp_id AS id, component_type AS type FROM ${quoted(name)} WHERE entity_id = ? AND field = ? ORDER BY "order", id`;
    const list = this.all(sql, row.id, field).map(({ id, type }) => {
      this.used.set(type, (this.used.get(type) ?? new Set()).add(id));
      const component = this.rows.get(type)?.get(id);
      return component ? { __component: type, ...this.record(type, component) } : { __component: type, missing: true };
    });
    return relation === 'oneToOne' && list.length < 2 ? (list[0] ?? null) : list;
  }

  // Bytes of a file and of its renditions, by what its row says where they are.
  file(row, record) {
    const { hash: name, ext, formats } = row;
    record.bytes = this.bytes(`${name}${ext ?? ''}`);
    const renditions = Object.entries(JSON.parse(formats ?? 'null') ?? {});
    const { joinTable } = this.tables[FILE].attributes.folder;
    const folder = this.rows.get(FOLDER).get(this.joined(joinTable, row)[0]);
    record.pathIsThatOfTheFolder = row.folder_path === (folder?.path ?? '/');
    record.renditions = Object.fromEntries(renditions.map(([format, { hash, ext }]) => [format, this.bytes(`${hash}${ext ?? ''}`)]));
  }

  bytes(name) {
    const path = join(this.uploads, name);
    return existsSync(path) ? hash(readFileSync(path)) : null;
  }

  disk() {
    const names = readdirSync(this.uploads).filter((name) => name !== '.gitkeep').sort();
    return Object.fromEntries(names.map((name) => [name, this.bytes(name)]));
  }

  settings() {
    const settings = {};
    for (const { id, key, ...rest } of this.rows.get('strapi::core-store').values()) {
      if (untoldSettings.has(key)) continue;
      const name = [key, rest.environment, rest.tag].filter((part) => part !== null && part !== '').join(' ');
      settings[name in settings ? `${name} (again)` : name] = { value: rest.value, type: rest.type };
    }
    return sorted(settings);
  }

  // Rows that have no documents: by their content alone.
  models() {
    const models = {};
    for (const [uid, { kind, attributes }] of Object.entries(this.tables)) {
      if (kind !== 'model' || uid === 'strapi::core-store' || !uid.includes('::') || !attributes.id) continue;
      models[uid] = [...this.rows.get(uid).values()].map(({ id, ...rest }) => JSON.stringify(rest)).sort();
    }
    return models;
  }

  // Components that nothing holds, and rows of media whose owner or file is gone.
  countLitter() {
    for (const [uid, { kind }] of Object.entries(this.tables)) {
      if (kind === 'component') this.litter[uid] = this.rows.get(uid).size - (this.used.get(uid)?.size ?? 0);
    }
    const media = this.all('SELECT file_id, related_id, related_type FROM files_related_mph');
    this.litter.media = media.filter(({ related_id, related_type }) => !this.rows.get(related_type)?.has(related_id)).length;
  }
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(JSON.stringify(read(process.argv[2]), null, 1));
