// What production has to be after a merge, worked out from the states before it. Independent of Haul: documents by id, no rows.
//
// - A written document has the rows of staging. Relations that it owns lead to what stands for their targets afterwards, in the
//   same locale and version; what leads nowhere is left out.
// - Everything else is as before, order and times included. The side that holds a relation's join table owns it: what a kept
//   document owns stays, also where it leads to a written one, and nothing is added to it.
// - Where only some locales move, rows of others are as before, also those of written documents, and so are relations of
//   written rows that lead to such rows. What has no locale moves as ever.
// - Where a relation allows one owner only, a kept owner keeps it.
import { FILE, FOLDER, LOCALE, ROLE } from './names.mjs';

const DOCUMENT = /^(.*?\/\S+) (.*)$/;
export const documentOf = (name) => DOCUMENT.exec(name)[1];
const versionOf = (name) => DOCUMENT.exec(name)[2];
const typeOf = (name) => name.slice(0, name.indexOf('/'));

// Documents of the installation that stand for each other by something else than their id.
const meanings = { [ROLE]: (row) => row.type, [LOCALE]: (row) => row.code, [FOLDER]: (row, rows) => way(row, rows) };
// A folder by its name and those of the folders around it; its numbers are given by each server.
const way = (row, rows) => row.parent['@refs'].map((parent) => way(rows[parent], rows)).join('') + '/' + row.name;
// What names a document, and what must be its own: a copy may differ here.
const names = new Set(['label', 'title', 'name', 'username', 'siteName', 'text']);
const unique = { 'api::part.part': ['name'], 'api::thing.thing': ['slug'], 'plugin::users-permissions.user': ['username', 'email'] };

// Whether a row moves, where only rows of these locales do.
export const movesIn = (locales) => (name) => !locales || ['-', ...locales].includes(versionOf(name).split(' ')[0]);

// `writes`: {document of staging: {decision, as: document of production}}; `stands`: {document of staging: of production};
// `locales`: those that move, all unless given.
export function expected(staging, production, tables, { writes, stands = {}, locales }) {
  return new Model(staging, production, tables, writes, stands, movesIn(locales)).state();
}

class Model {
  constructor(staging, production, tables, writes, stands, travels) {
    Object.assign(this, { staging, production, tables, writes, stands, travels });
    this.lost = 0;
    this.there = new Set(Object.keys(production.rows).map(documentOf));
    this.replaced = new Set(Object.values(writes).map(({ as }) => as));
    this.written = new Map();
    for (const name of Object.keys(staging.rows)) {
      const write = writes[documentOf(name)];
      if (write && travels(name)) this.written.set(`${write.as} ${versionOf(name)}`, { name, ...write });
    }
    const kept = Object.keys(production.rows).filter((name) => !this.replaced.has(documentOf(name)) || !travels(name));
    this.names = new Set([...kept, ...this.written.keys()]);
  }

  state() {
    const rows = {};
    for (const name of [...this.names].sort()) {
      const write = this.written.get(name);
      rows[name] = write ? this.writtenRow(name, write) : this.keptRow(name);
    }
    this.oneOwnerOnly(rows);
    this.inverse(rows);
    const { disk, settings, models, litter } = this.production;
    const writtenFiles = [...this.written.keys()].filter((name) => typeOf(name) === FILE);
    return { rows, disk: this.disk(disk), settings, models, litter, writtenFiles, lost: this.lost };
  }

  attributes(type) {
    return this.tables[type].attributes;
  }

  // The row of production that stands for a row of staging, or nothing.
  meant(name) {
    const as = this.document(documentOf(name));
    const found = as && `${as} ${versionOf(name)}`;
    return this.names.has(found) ? found : undefined;
  }

  document(document) {
    const known = this.writes[document]?.as ?? this.stands[document];
    if (known) return known;
    const meaning = meanings[typeOf(document)];
    if (!meaning) return this.there.has(document) ? document : undefined;
    const value = meaning(Object.entries(this.staging.rows).find(([name]) => documentOf(name) === document)[1], this.staging.rows);
    const same = ([name, row]) => typeOf(name) === typeOf(document) && meaning(row, this.production.rows) === value;
    const alike = Object.entries(this.production.rows).find(([name, row]) => documentOf(name) === document || same([name, row]));
    return alike && documentOf(alike[0]);
  }

  writtenRow(name, { name: source, decision }) {
    const row = this.carried(typeOf(name), this.staging.rows[source], (ref) => this.meant(ref));
    if (decision === 'overwrite') this.otherLocales(name, row);
    this.made(name, row);
    if (decision === 'duplicate') this.rename(typeOf(name), row);
    if (typeOf(name) === FILE) this.place(name, row, decision);
    if (typeOf(name) === FOLDER && decision === 'create') Object.assign(row, { pathId: { any: true }, path: { any: true } });
    return row;
  }

  // What a written row has to rows of locales that do not move stays; a field with room for one holds that of staging.
  otherLocales(name, row) {
    for (const [field, value] of Object.entries(this.production.rows[name] ?? {})) {
      const { target, mappedBy, relation } = this.attributes(typeOf(name))[field] ?? {};
      if (value?.['@refs'] === undefined || mappedBy || target?.startsWith('admin::')) continue;
      const others = value['@refs'].filter((ref) => !this.travels(ref) && this.names.has(ref));
      const room = !/ToOne$|^oneToOne$/.test(relation ?? '') || row[field]['@refs'].length === 0;
      if (room) row[field] = { '@refs': [...row[field]['@refs'], ...others] };
    }
  }

  // Who made a row and changed it last cannot travel; what is written anew has nobody.
  made(name, row) {
    for (const field of ['createdBy', 'updatedBy']) {
      const before = this.production.rows[name]?.[field];
      if (field in row) row[field] = { oneOf: [{ '@refs': [] }, ...(before ? [before] : [])] };
    }
  }

  keptRow(name) {
    return this.carried(typeOf(name), this.production.rows[name], (ref) => (this.names.has(ref) ? ref : undefined), true);
  }

  // A row or component with its relations led elsewhere; what is told at the other end comes later.
  carried(type, record, lead, kept = false) {
    const carried = {};
    for (const [field, value] of Object.entries(record)) {
      const attribute = this.attributes(type)[field];
      if (attribute?.joinTable?.on && value !== null) {
        const one = (component) => this.carried(component.__component, component, lead, kept);
        carried[field] = Array.isArray(value) ? value.map(one) : one(value);
      } else if (value?.['@refs'] === undefined) carried[field] = value;
      else if (attribute.target?.startsWith('admin::')) carried[field] = kept ? value : { '@refs': [] };
      else if (attribute.mappedBy) carried[field] = { '@refs': [] };
      else carried[field] = this.led(kept ? value['@refs'] : value['@refs'].filter(this.travels), lead);
    }
    return carried;
  }

  led(refs, lead) {
    const led = refs.map(lead).filter((ref) => ref !== undefined);
    this.lost += refs.length - led.length;
    return { '@refs': led };
  }

  rename(type, row) {
    for (const [field, value] of Object.entries(row)) {
      if (typeof value !== 'string') continue;
      if (unique[type]?.includes(field)) row[field] = { not: value };
      else if (names.has(field)) row[field] = { oneOf: [value, `${value} (imported)`] };
    }
  }

  // Where a file is put: its own name on disk, unless a file with other bytes has it.
  place(name, row, decision) {
    const path = `${row.hash}${row.ext ?? ''}`;
    const taken = decision !== 'overwrite' && path in this.production.disk && this.production.disk[path] !== row.bytes;
    if (taken || decision === 'duplicate' || this.moves(name, row)) Object.assign(row, { hash: { any: true }, url: { any: true }, formats: { any: true } });
    if (row.folder['@refs'].length > 0) row.folderPath = { any: true };
  }

  // An overwritten file may keep the name that it has on the disk. Other bytes get another name: the old ones must be whole as
  // long as the transaction may fail, and stay.
  moves(name, { hash, bytes }) {
    const before = this.production.rows[name];
    return before !== undefined && (before.hash !== hash || before.bytes !== bytes);
  }

  disk(before) {
    const disk = { ...before };
    for (const [name, { name: source, decision }] of this.written) {
      const row = this.staging.rows[source];
      if (typeOf(name) !== FILE || decision !== 'overwrite' || this.moves(name, row)) continue;
      disk[`${row.hash}${row.ext ?? ''}`] = row.bytes;
      for (const [format, { hash, ext }] of Object.entries(JSON.parse(row.formats ?? 'null') ?? {})) disk[`${hash}${ext}`] = row.renditions[format];
    }
    return disk;
  }

  // Both ends of a one-to-one relation have one partner: a kept owner keeps it, and the original goes before its copy.
  oneOwnerOnly(rows) {
    for (const [type, { kind, attributes }] of Object.entries(this.tables)) {
      for (const [field, { relation, inversedBy }] of kind === 'type' ? Object.entries(attributes) : []) {
        if (relation !== 'oneToOne' || !inversedBy) continue;
        const owners = Object.keys(rows).filter((name) => typeOf(name) === type).sort((a, b) => this.rank(a) - this.rank(b));
        const taken = new Map();
        for (const name of owners) {
          const wished = rows[name][field]['@refs'];
          rows[name][field] = { '@refs': wished.filter((target) => (taken.get(target) ?? documentOf(name)) === documentOf(name)) };
          // What is written without it differs from its source for good; a copy is found by its id.
          if (this.rank(name) === 1) this.lost += wished.length - rows[name][field]['@refs'].length;
          for (const target of rows[name][field]['@refs']) taken.set(target, documentOf(name));
        }
      }
    }
  }

  rank(name) {
    const write = this.written.get(name);
    return write === undefined ? 0 : write.decision === 'duplicate' ? 2 : 1;
  }

  // The other end of relations: who owns one is told there; the order is that of staging at a written row, else what it was.
  inverse(rows) {
    for (const [name, row] of Object.entries(rows)) {
      for (const [field, { mappedBy, target }] of Object.entries(this.attributes(typeOf(name)))) {
        if (!mappedBy || !(field in row)) continue;
        const owners = this.owners(rows, target, mappedBy).get(name) ?? [];
        row[field] = { '@refs': inOrder(owners, this.orders(name, field)) };
        const before = new Set(this.production.rows[name]?.[field]['@refs']);
        const tail = this.written.has(name) ? 0 : owners.filter((owner) => !before.has(owner)).length;
        if (tail > 1) row[field]['@tail'] = tail;
      }
    }
  }

  owners(rows, type, field) {
    this.owned ??= new Map();
    const key = `${type} ${field}`;
    if (!this.owned.has(key)) {
      const owned = new Map();
      for (const [name, row] of Object.entries(rows)) {
        if (typeOf(name) !== type) continue;
        for (const target of row[field]['@refs']) {
          if (owned.has(target)) owned.get(target).push(name);
          else owned.set(target, [name]);
        }
      }
      this.owned.set(key, owned);
    }
    return this.owned.get(key);
  }

  orders(name, field) {
    const write = this.written.get(name);
    const before = this.production.rows[name]?.[field]['@refs'] ?? [];
    const source = write?.name ?? this.sourceOf(name);
    // Of locales that do not travel the source's list says nothing.
    const listed = (this.staging.rows[source]?.[field]['@refs'] ?? []).filter(this.travels);
    const there = listed.flatMap((ref) => [this.meant(ref), ref]);
    return write ? [...there, ...before] : [...before, ...there];
  }

  sourceOf(name) {
    this.sources ??= new Map(Object.keys(this.staging.rows).map((source) => [this.meant(source), source]).reverse());
    return this.sources.get(name);
  }
}

function inOrder(names, order) {
  const place = new Map();
  for (const name of order) if (name !== undefined && !place.has(name)) place.set(name, place.size);
  const at = (name) => place.get(name) ?? Infinity;
  return [...names].sort((a, b) => (at(a) === at(b) ? (a < b ? -1 : 1) : at(a) - at(b)));
}
