// What staging and production have in common: the state that production was once copied from.
import { id, USER } from './names.mjs';
import { png } from './writer.mjs';

export async function common(write) {
  const token = await administration(write);
  await media(write);
  await parts(write);
  await tags(write);
  await things(write);
  await singles(write);
  await users(write);
  return token;
}

async function administration({ strapi }) {
  await strapi.plugin('i18n').service('locales').create({ code: 'fr', name: 'French (fr)' });
  const role = await strapi.service('admin::role').getSuperAdmin();
  await strapi.service('admin::user').create({
    email: 'admin@example.com', firstname: 'A', lastname: 'B', password: 'Passw0rd1', isActive: true, roles: [role.id],
  });
  const { accessKey } = await strapi.service('admin::transfer').token.create({
    name: 'both', description: '', permissions: ['push', 'pull'], lifespan: null,
  });
  return accessKey;
}

async function media(write) {
  let seed = 1;
  for (const name of ['same', 'one', 'two', 'three', 'shared', 'cap', 'bytes', 'avatar']) {
    await write.upload(`file-${name}`, `${name}.png`, png(20, 20, seed++), { caption: `caption of ${name}` });
  }
  await write.upload('file-pic', 'pic größe.png', png(600, 400, seed++), { caption: 'Überschrift' });
  const folder = await write.folder('folder-press', 'Press');
  await write.upload('file-press', 'press.txt', Buffer.from('a note for the press\n'), { mime: 'text/plain', folder });
}

async function parts(write) {
  const names = ['same', 'plain', 'second', 'maker', 'twin1', 'twin2', 'home', 'about', 'comp1', 'comp2', 'comp3', 'chain1', 'chain2', 'chain3'];
  for (const name of names) await write.create(`part-${name}`, { name: `Part ${name}` });
  await write.create('part-pic', { name: 'Part pic', picture: await write.fileId('file-pic') });
  await write.update('part-chain1', { next: id('part-chain2') });
  await write.update('part-chain2', { next: id('part-chain3') });
}

async function tags(write) {
  const tag = (name, more) => write.create(`tag-${name}`, { label: `Tag ${name}`, code: name, ...more }, 'en');
  const french = (name) => write.update(`tag-${name}`, { label: `Étiquette ${name}`, code: name }, 'fr');
  await tag('same', { big: '9007199254740992', price: 12.345678, extra: { k: [1, 2, { z: null }], 'ü': '漢字' } });
  await tag('plain', { big: '42', price: 0.1 });
  for (const name of ['local', 'frdiff', 'pub', 'pubboth', 'unpub', 'root', 'child1', 'child2', 'child3', 'mm1', 'mm2', 'mm3', 'lab1', 'lab2', 'ref1', 'ref2', 'morph1', 'morph2', 'draft', 'loner']) {
    await tag(name);
  }
  for (const name of ['local', 'frdiff', 'root', 'child1', 'mm1', 'mm2', 'lab1', 'ref1']) await french(name);
  for (const name of ['child1', 'child2', 'child3']) await write.update(`tag-${name}`, { parent: id('tag-root') }, 'en');
  await write.update('tag-child1', { parent: id('tag-root') }, 'fr');
  for (const name of ['local', 'pub', 'pubboth', 'unpub', 'root', 'child1', 'child2', 'mm1', 'mm2', 'mm3', 'lab1', 'lab2', 'ref1', 'ref2', 'morph1']) {
    await write.publish(`tag-${name}`, 'en');
  }
  for (const name of ['mm1', 'lab1', 'ref1']) await write.publish(`tag-${name}`, 'fr');
}

async function things(write) {
  const thing = (name, more) => write.create(`thing-${name}`, { title: `Thing ${name}`, slug: `thing-${name}`, ...more }, 'en');
  const file = write.fileId;
  const ref = async (note, tag, parts, images = [], seo = null) => ({
    note, tag: id(tag), parts: parts.map(id), images: await Promise.all(images.map(file)), ...(seo && { seo }),
  });
  await thing('same', { cover: await file('file-same') });
  for (const name of ['friend1', 'friend2', 'friend3', 'twin', 'mm', 'maker', 'labels', 'morph', 'home', 'local', 'mother']) await thing(name);
  await thing('media', { cover: await file('file-pic'), gallery: [await file('file-two'), await file('file-shared'), await file('file-one')] });
  await thing('comp', {
    ref: await ref('of comp', 'tag-ref1', ['part-comp1', 'part-comp2'], ['file-one', 'file-shared'], { text: 'seo', image: await file('file-three') }),
    refs: [await ref('first', 'tag-ref2', ['part-comp2', 'part-comp1']), await ref('second', 'tag-ref1', ['part-comp3'], ['file-two'])],
  });
  await thing('zone', {
    zone: [
      { __component: 'lab.seo', text: 'in a zone', image: await file('file-one') },
      { __component: 'lab.ref', ...(await ref('zoned', 'tag-ref1', ['part-comp3', 'part-comp1'], ['file-shared'])) },
      { __component: 'lab.seo', text: 'again' },
    ],
  });
  await write.update('thing-twin', { twin: id('part-twin2') }, 'en');
  await write.update('thing-mm', { tags: ['tag-mm1', 'tag-mm2', 'tag-mm3'].map(id) }, 'en');
  await write.update('thing-maker', { maker: id('part-maker') }, 'en');
  await write.update('thing-labels', { labels: ['tag-lab2', 'tag-lab1'].map(id) }, 'en');
  await write.update('thing-home', { home: id('part-home') }, 'en');
  await write.update('thing-friend1', { friends: ['thing-friend2', 'thing-friend3'].map(id) }, 'en');
  await write.morph('thing-morph', { subject: 'tag-morph1', subjects: ['part-plain', 'tag-morph2', 'tag-morph1'] });
  await write.update('thing-local', { title: 'Chose locale', slug: 'chose-locale' }, 'fr');
  await keeper(write, thing, ref);
  for (const name of ['friend1', 'friend2', 'friend3', 'mm', 'keeper', 'comp', 'local']) await write.publish(`thing-${name}`, 'en');
  await write.publish('thing-keeper', 'fr');
}

// The document that holds a relation of every kind, in both locales and both states.
async function keeper(write, thing, ref) {
  const file = write.fileId;
  const data = async () => ({
    maker: id('part-maker'), twin: id('part-twin1'), home: id('part-home'),
    tags: ['tag-mm1', 'tag-mm2'].map(id), labels: [id('tag-lab1')], friends: [id('thing-friend1'), id('thing-friend2')],
    cover: await file('file-pic'), gallery: [await file('file-two'), await file('file-one'), await file('file-shared')],
    ref: await ref('kept', 'tag-ref1', ['part-comp1', 'part-comp2'], ['file-one', 'file-two'], { text: 'kept seo', image: await file('file-three') }),
    refs: [await ref('kept 1', 'tag-ref1', ['part-comp2', 'part-comp1']), await ref('kept 2', 'tag-ref1', ['part-comp3'])],
    zone: [{ __component: 'lab.seo', text: 'zoned', image: await file('file-shared') }, { __component: 'lab.ref', ...(await ref('zoned', 'tag-ref1', ['part-comp3'])) }],
  });
  await thing('keeper', { ...(await data()), tags: ['tag-mm1', 'tag-mm2', 'tag-mm3'].map(id), labels: ['tag-lab1', 'tag-lab2'].map(id) });
  await write.morph('thing-keeper', { subject: 'tag-morph1', subjects: ['tag-morph1', 'part-plain', 'tag-morph2'] });
  const { twin, friends, ...french } = await data();
  await write.update('thing-keeper', { title: 'Gardien', slug: 'gardien', ...french }, 'fr');
}

async function singles(write) {
  const pic = await write.fileId('file-one');
  const ref = { note: 'of the motto', tag: id('tag-ref1'), parts: ['part-comp1'].map(id), images: [pic] };
  await write.create('motto-only', { text: 'To move is to live', about: id('part-about'), ref }, 'en');
  await write.update('motto-only', { text: 'Bouger, c’est vivre', about: id('part-about') }, 'fr');
  await write.publish('motto-only', 'en');
  await write.create('about-staging', {
    title: 'About', blocks: [{ __component: 'shared.quote', title: 'Q', body: 'Quoted' }, { __component: 'shared.media', file: pic }],
  });
}

async function users({ strapi }) {
  const service = strapi.plugin('users-permissions').service('user');
  await strapi.plugin('users-permissions').service('role').createRole({ name: 'Editor', description: 'edits', type: 'editor', permissions: {} });
  for (const name of ['same', 'plain']) await user(strapi, service, name, 'authenticated');
}

export async function user(strapi, service, name, type) {
  const role = await strapi.db.query('plugin::users-permissions.role').findOne({ where: { type } });
  const made = await service.add({
    username: name, email: `${name}@example.com`, password: `Secret-${name}-1`, provider: 'local', confirmed: true, blocked: false, role: role.id,
  });
  await strapi.db.query(USER).update({ where: { id: made.id }, data: { documentId: id(`user-${name}`) } });
}
