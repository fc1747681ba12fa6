// How the seeds write: short names for documents, the documents service of Strapi for everything that it can do.
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, crc32 as zlibCrc } from 'node:zlib';
import { FILE, FOLDER, id, key } from './names.mjs';
import { shift } from './shift.mjs';

const split = (name) => key(name).split('/');

function crc32(bytes) {
  if (zlibCrc) return zlibCrc(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// A PNG of one colour: big ones get a thumbnail.
export function png(width, height, seed) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.alloc(1 + width * 3, Buffer.from([seed * 37, seed * 91, seed * 17].map((value) => value & 255)));
  line[0] = 0;
  const body = deflateSync(Buffer.concat(Array(height).fill(line)));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', body), chunk('IEND', Buffer.alloc(0))]);
}

export function writer(strapi, project) {
  const files = strapi.plugin('upload').service('upload');
  const temporary = mkdtempSync(join(tmpdir(), 'haul-matrix-'));
  const knex = strapi.db.connection;

  const row = async (name, { locale = 'en', published = false } = {}) => {
    const [type, documentId] = split(name);
    const where = { documentId };
    const model = strapi.contentTypes[type];
    if (model.pluginOptions?.i18n?.localized) where.locale = locale;
    if (model.options?.draftAndPublish) where.publishedAt = published ? { $notNull: true } : { $null: true };
    const found = await strapi.db.query(type).findOne({ where });
    if (!found) throw new Error(`${name} ${locale} ${published ? 'published' : 'draft'} is not there`);
    return found;
  };

  const write = {
    strapi,
    knex,
    project,
    row,
    fileId: async (name) => (await row(name)).id,
    async create(name, data, locale) {
      const [type, documentId] = split(name);
      await strapi.documents(type).create({ data: { ...data, documentId }, ...(locale && { locale }) });
    },
    async update(name, data, locale) {
      const [type, documentId] = split(name);
      const updated = await strapi.documents(type).update({ documentId, data, ...(locale && { locale }) });
      if (!updated) throw new Error(`${name} was not updated`);
    },
    async publish(name, locale) {
      const [type, documentId] = split(name);
      await strapi.documents(type).publish({ documentId, ...(locale && { locale }) });
    },
    async unpublish(name, locale) {
      const [type, documentId] = split(name);
      await strapi.documents(type).unpublish({ documentId, ...(locale && { locale }) });
    },
    async remove(name, locale) {
      const [type, documentId] = split(name);
      await strapi.documents(type).delete({ documentId, ...(locale && { locale }) });
    },
    // Polymorphic relations, for which the documents service wants row ids.
    async morph(name, data, locale) {
      const [type] = split(name);
      const target = async (target) => ({ id: (await row(target, { locale })).id, __type: split(target)[0] });
      const resolved = {};
      for (const [field, value] of Object.entries(data)) {
        resolved[field] = Array.isArray(value) ? await Promise.all(value.map(target)) : await target(value);
      }
      await strapi.db.query(type).update({ where: { id: (await row(name, { locale })).id }, data: resolved });
    },
    async folder(name, title) {
      const made = await strapi.plugin('upload').service('folder').create({ name: title });
      await strapi.db.query(FOLDER).update({ where: { id: made.id }, data: { documentId: id(name) } });
      return made.id;
    },
    async upload(name, fileName, bytes, { caption = null, folder = null, mime = 'image/png' } = {}) {
      const filepath = join(temporary, fileName);
      writeFileSync(filepath, bytes);
      const [file] = await files.upload({
        data: { fileInfo: { name: fileName, caption, alternativeText: `alt of ${fileName}`, folder } },
        files: { filepath, originalFilename: fileName, mimetype: mime, size: bytes.length },
      });
      await strapi.db.query(FILE).update({ where: { id: file.id }, data: { documentId: id(name) } });
      return file.id;
    },
    set: (table, where, values) => knex(table).where(where).update(values),
    // A file whose name on disk is the same on both servers, and whose bytes are not.
    async clash(name, bytes) {
      const made = await write.upload(name, 'clash.png', bytes);
      const { hash, ext } = await row(name);
      const taken = 'clash_0000000000';
      renameSync(join(project, 'public/uploads', hash + ext), join(project, 'public/uploads', taken + ext));
      await knex('files').where({ id: made }).update({ hash: taken, url: `/uploads/${taken}${ext}` });
    },
    async replaceBytes(name, bytes) {
      const { id, hash, ext } = await row(name);
      writeFileSync(join(project, 'public/uploads', hash + ext), bytes);
      await knex('files').where({ id }).update({ updated_at: Date.now() });
    },
    shift: () => shift(strapi, knex),
  };
  return write;
}
