// standin.mjs transfer SOURCE DESTINATION …   a merge over the official protocol, for proving the matrix without Haul: told the
// plan by the model, it shows that a planned state can be reached, and how many kept documents have to be written again for it.
// Files come first, in rows that the second transaction takes away again. The projects of the servers stand in STANDIN_STAGING and STANDIN_PRODUCTION.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentOf, expected } from './model.mjs';
import { FILE, FOLDER } from './names.mjs';
import { read } from './state.mjs';
import { addFiles, pull, replace } from './wire.mjs';

const [stagingProject, productionProject] = [process.env.STANDIN_STAGING, process.env.STANDIN_PRODUCTION];
const tables = JSON.parse(readFileSync(join(productionProject, '.tmp/tables.json')));
const [, source, destination, ...options] = process.argv.slice(2);
// Which order is kept at any price: that of owners and that of the other end (`all`), of owners only (`owner`), or `none`.
const order = process.env.STANDIN_ORDER ?? 'all';
const wish = JSON.parse(process.env.STANDIN_DECISIONS);
const url = (location) => location.replace(/^strapi:/, '');

const typeOf = (name) => name.slice(0, name.indexOf('/'));
function nameOf({ type, data }) {
  const version = !tables[type]?.draftAndPublish ? '-' : data.publishedAt === null ? 'draft' : 'published';
  return `${type}/${data.documentId} ${data.locale ?? '-'} ${version}`;
}
const byName = ({ entities }) => new Map(entities.filter(({ type }) => tables[type]?.kind === 'type').map((row) => [nameOf(row), row]));

class Merge {
  constructor(plan, staging, production, writes) {
    Object.assign(this, { plan, staging, production });
    this.documents = new Set(Object.values(writes).map(({ as }) => as));
    this.origin = new Map(Object.entries(writes).map(([from, { as }]) => [as, from]));
    this.drawn = new Set();
    this.links = [];
    this.files = [];
    while (this.drawIn());
  }

  written(name) {
    return this.documents.has(documentOf(name));
  }

  // Kept documents that cannot keep a relation, or its order, unless they are written again as they are.
  drawIn() {
    const before = this.documents.size;
    for (const [name, row] of Object.entries(this.plan.rows)) {
      if (this.written(name) || !/^api::/.test(name)) continue;
      if (this.loses(typeOf(name), row)) {
        this.drawn.add(documentOf(name));
        this.documents.add(documentOf(name));
      }
    }
    return this.documents.size > before;
  }

  loses(type, record) {
    return Object.entries(record).some(([field, value]) => {
      const attribute = tables[type].attributes[field];
      if (attribute?.joinTable?.on && value) return [value].flat().some((component) => this.loses(component.__component, component));
      const refs = value?.['@refs'];
      if (!refs || !refs.some((ref) => this.written(ref))) return false;
      const twoSided = (attribute.inversedBy || attribute.mappedBy) && tables[type].kind === 'type';
      if (twoSided && (order === 'none' || (order === 'owner' && attribute.mappedBy))) return false;
      return !twoSided || (refs.length > 1 && !(refs.filter((ref) => this.written(ref)).length === 1 && this.written(refs.at(-1))));
    });
  }

  entities() {
    const names = Object.keys(this.plan.rows).filter((name) => this.written(name));
    names.sort((a, b) => (typeOf(b) === FOLDER) - (typeOf(a) === FOLDER)); // files need the path of theirs
    this.ids = new Map(names.map((name, n) => [name, 1_000_000 + n]));
    this.components = 2_000_000;
    return names.map((name) => {
      const from = this.drawn.has(documentOf(name)) ? this.production.get(name) : this.staging.get(this.sourceOf(name));
      const type = typeOf(name);
      const data = this.filled(type, this.ids.get(name), this.plan.rows[name], from.data);
      if (type === FILE) this.binaries(name, this.ids.get(name), data);
      if (type === FOLDER && !this.drawn.has(documentOf(name))) this.ownPath(data);
      return { type, id: this.ids.get(name), data: { ...data, documentId: documentOf(name).slice(type.length + 1) } };
    });
  }

  ownPath(data) {
    const taken = [...this.production].filter(([name]) => typeOf(name) === FOLDER).map(([, row]) => row.data.pathId);
    data.pathId = Math.max(...taken) + 1;
    data.path = `/${data.pathId}`;
    this.path = data.path;
  }

  // The file of a row that production does not hold already, under a name that nobody has.
  binaries(name, id, data) {
    const planned = this.plan.rows[name];
    const paths = (record) => [record, ...Object.values(record.formats ?? {})];
    const bytes = paths(data).map(({ hash, ext }) => readFileSync(join(stagingProject, 'public/uploads', hash + ext)));
    if (planned.hash?.any) {
      for (const record of paths(data)) {
        record.hash = `${record.hash}_copy`;
        record.url = `/uploads/${record.hash}${record.ext}`;
      }
    }
    if (planned.folderPath?.any) data.folderPath = this.path;
    if (before.rows[name]?.bytes === planned.bytes) return;
    const row = { type: FILE, id, data: { ...data, documentId: randomBytes(12).toString('hex'), folder: undefined } };
    const metadata = [{ ...data, id }, ...Object.entries(data.formats ?? {}).map(([type, format]) => ({ ...format, type, id, mainHash: data.hash }))];
    this.files.push(...metadata.map((one, n) => ({ row, metadata: one, bytes: bytes[n] })));
  }

  sourceOf(name) {
    return `${this.origin.get(documentOf(name))}${name.slice(documentOf(name).length)}`;
  }

  // The data of a row or component, with relations to kept rows inside and links to written ones beside it.
  filled(type, id, record, data) {
    const filled = { ...data };
    for (const [field, value] of Object.entries(record)) {
      const attribute = tables[type].attributes[field];
      if (attribute?.joinTable?.on) {
        const one = (component, item) => {
          const own = (this.components += 1);
          return { ...this.filled(component.__component, own, component, item), id: own, ...(item.__component && { __component: item.__component }) };
        };
        filled[field] = Array.isArray(value) ? value.map((item, n) => one(item, data[field][n])) : value && one(value, data[field]);
      } else if (value?.not !== undefined) filled[field] = `${value.not} (imported)`;
      else if (value?.['@refs'] && !attribute.target?.startsWith('admin::')) this.relation(type, id, field, attribute, value['@refs'], filled);
    }
    return filled;
  }

  relation(type, id, field, attribute, refs, filled) {
    const morph = !attribute.target;
    const embedded = refs.filter((ref) => !this.written(ref)).map((ref) => (morph ? { id: this.production.get(ref).id, __type: typeOf(ref) } : this.production.get(ref).id));
    const single = /ToOne$|^morphOne$/.test(attribute.relation);
    if (embedded.length > 0) filled[field] = single && embedded.length === 1 ? embedded[0] : embedded; // a draft and its published version may share one partner
    if (attribute.mappedBy) return; // told by the owner
    refs.forEach((ref, n) => {
      if (!this.written(ref)) return;
      if (attribute.morphBy) {
        const left = { type: FILE, field: attribute.morphBy, ref: this.ids.get(ref) };
        this.links.push({ kind: 'relation.morph', relation: 'morphToMany', left, right: { type, ref: id, field, pos: this.position(refs, n) } });
        return;
      }
      const right = { type: typeOf(ref), ref: this.ids.get(ref) };
      const inverse = attribute.inversedBy && this.plan.rows[ref][attribute.inversedBy]['@refs'];
      const own = [...this.ids].find(([, known]) => known === id)?.[0];
      if (inverse) Object.assign(right, { field: attribute.inversedBy, pos: this.position(inverse, inverse.indexOf(own)) });
      const kind = morph ? 'relation.morph' : typeOf(ref) === type ? 'relation.circular' : 'relation.basic';
      const left = { type, field, ref: id, pos: this.position(refs, n) };
      if (morph) right.pos = left.pos;
      this.links.push({ kind, relation: attribute.relation, left, right });
    });
  }

  // Relations inside of data are counted from 1; a link beside them stands between.
  position(refs, at) {
    const kept = refs.slice(0, at).filter((ref) => !this.written(ref)).length;
    return refs.some((ref) => !this.written(ref)) ? kept + (at + 1) / (refs.length + 1) : at + 1;
  }
}

const [stagingState, before] = [read(stagingProject), read(productionProject)];
const there = new Set(Object.keys(before.rows).map(documentOf));
const writes = {};
const items = [];
for (const [document, decision] of Object.entries(wish.decisions)) {
  const [type, id] = [typeOf(document), document.slice(document.indexOf('/') + 1)];
  const newId = decision === 'duplicate' ? randomBytes(12).toString('hex') : null;
  const as = newId ? `${type}/${newId}` : decision === 'create' ? document : (wish.stands[document] ?? document);
  if (decision !== 'skip') writes[document] = { decision, as };
  items.push({ kind: type === FILE ? 'asset' : 'entry', type: type === FILE ? null : type, id, decision, reason: 'stand-in', result: decision === 'skip' ? 'skipped' : 'done', newId });
}
const answer = (status, code, error = null) => {
  console.log(JSON.stringify({ schema: 1, status, items, error }));
  process.exit(code);
};
process.on('uncaughtException', ({ message }) => answer('failed', 1, { message }));
if (options.includes('--dry-run')) answer('planned', 0);
if (Object.keys(writes).length === 0) answer('succeeded', 0);

const plan = expected(stagingState, before, tables, { writes, stands: wish.stands });
const [staging, production] = [
  byName(await pull(stagingProject, url(source), process.env.HAUL_FROM_TOKEN, ['entities'])),
  byName(await pull(productionProject, url(destination), process.env.HAUL_TO_TOKEN, ['entities'])),
];
const merge = new Merge(plan, staging, production, writes);
const entities = merge.entities();
for (const document of merge.drawn) items.push({ kind: 'entry', type: typeOf(document), id: document.slice(document.indexOf('/') + 1), decision: 'overwrite', result: 'done' });
const doomed = [...merge.documents].filter((document) => there.has(document));
const include = [...new Set(doomed.map(typeOf))];
// Rows of the first transaction are told by their ids of this run.
const temporary = [...new Set(merge.files.map(({ row }) => row))];
if (temporary.length > 0) include.push(...(include.includes(FILE) ? [] : [FILE]));
doomed.push(...temporary.map(({ data }) => `${FILE}/${data.documentId}`));
const where = { documentId: { $in: doomed.map((document) => document.slice(document.indexOf('/') + 1)) } };
try {
  if (temporary.length > 0) await addFiles(productionProject, url(destination), process.env.HAUL_TO_TOKEN, temporary, merge.files);
  const warnings = await replace(productionProject, url(destination), process.env.HAUL_TO_TOKEN, { include, where, entities, links: merge.links });
  for (const warning of warnings) console.error(warning);
  answer('succeeded', 0);
} catch (error) {
  answer('failed', 1, { message: error.message });
}
