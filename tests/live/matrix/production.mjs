// What only production has, and what it says otherwise than staging.
import { user } from './common.mjs';
import { id } from './names.mjs';
import { png } from './writer.mjs';

export async function production(write) {
  await changed(write);
  await media(write);
  await added(write);
  await internals(write);
}

async function changed(write) {
  const { fileId: file } = write;
  await write.update('part-plain', { name: 'Plain of production' });
  await write.update('part-second', { name: 'Second of production' });
  await write.update('part-pic', { name: 'Pic of production', picture: await file('file-one') });
  await write.update('user-plain', { username: 'plain of production' });

  await write.update('tag-plain', { label: 'Plain of production', big: '1', price: 1.25, extra: ['production'] }, 'en');
  await write.update('tag-local', { label: 'Locale de production' }, 'fr');
  await write.update('tag-same', {}, 'en');
  await write.update('tag-draft', { label: 'Draft of production' }, 'en');
  await write.update('tag-pub', { label: 'Published by production' }, 'en');
  await write.publish('tag-pub', 'en');
  await write.update('tag-pubboth', { label: 'Published by production' }, 'en');
  await write.publish('tag-pubboth', 'en');
  await write.update('tag-pubboth', { label: 'Draft of production' }, 'en');
  await write.update('tag-morph2', { label: 'Étiquette de production' }, 'fr');

  const thing = (name, data) => write.update(`thing-${name}`, { title: `${name} of production`, ...data }, 'en');
  await thing('keeper', {
    tags: ['tag-mm3', 'tag-mm1', 'tag-mm2'].map(id), labels: ['tag-lab2', 'tag-lab1'].map(id),
    gallery: [await file('file-shared'), await file('file-two'), await file('file-one')],
  });
  await write.publish('thing-keeper', 'en');
  await thing('mm', { tags: ['tag-mm2', 'tag-mm3', 'tag-mm1'].map(id) });
  await write.publish('thing-mm', 'en');
  await thing('friend3', { friends: ['thing-friend1', 'thing-friend2'].map(id) });
  await write.publish('thing-friend3', 'en');
  await thing('mother', { home: id('part-home'), twin: id('part-maker') });
  await write.update('motto-only', { text: 'Motto of production' }, 'en');
}

async function media(write) {
  await write.set('files', { document_id: id('file-cap') }, { caption: 'caption of production', updated_at: Date.now() });
  await write.replaceBytes('file-bytes', png(20, 20, 99));
  await write.upload('file-onlyb', 'only production.png', png(20, 20, 80));
  await write.upload('file-equalb', 'equal there.png', png(20, 20, 60), { caption: 'equal there' });
  await write.clash('file-clashb', png(20, 20, 71));
  const folder = await write.folder('folder-onlyb', 'Only production');
  await write.upload('file-folderedb', 'foldered.txt', Buffer.from('in a folder of production\n'), { mime: 'text/plain', folder });
}

async function added(write) {
  const { fileId: file } = write;
  await write.create('part-onlyb', { name: 'Only in production' });
  await write.create('part-uniqueb', { name: 'Unique', picture: await file('file-onlyb') });
  await write.create('tag-onlyb', { label: 'Only in production' }, 'en');
  await write.publish('tag-onlyb', 'en');
  await write.create('tag-childb', { label: 'Child in production', parent: id('tag-root') }, 'en');
  await write.publish('tag-childb', 'en');
  await write.update('tag-frdiff', { label: 'Français de production' }, 'fr');
  await write.create('thing-onlyb', {
    title: 'Only in production', slug: 'only-in-production', maker: id('part-plain'), home: id('part-home'),
    tags: ['tag-onlyb', 'tag-mm2'].map(id), labels: ['tag-plain', 'tag-root'].map(id), friends: ['thing-mm', 'thing-friend2'].map(id),
    cover: await file('file-onlyb'), gallery: [await file('file-cap'), await file('file-bytes')],
    ref: { note: 'of production', tag: id('tag-plain'), parts: ['part-plain', 'part-onlyb'].map(id), images: [await file('file-cap')] },
  }, 'en');
  await write.publish('thing-onlyb', 'en');
  await user(write.strapi, write.strapi.plugin('users-permissions').service('user'), 'boris', 'editor');
}

// What belongs to the installation: other ids for what stands for the same, other settings, other rights.
async function internals(write) {
  await write.set('abouts', { document_id: id('about-staging') }, { document_id: id('about-production') });
  await write.set('up_roles', { type: 'editor' }, { document_id: id('role-editor') });
  await write.set('i18n_locale', { code: 'fr' }, { document_id: id('locale-fr') });
  await write.set('things', {}, { created_by_id: 1, updated_by_id: 1 });
  const { strapi } = write;
  await strapi.store({ type: 'plugin', name: 'haul', key: 'of_production' }).set({ value: { kept: ['as', 'it', 'is'] } });
  const role = await strapi.db.query('plugin::users-permissions.role').findOne({ where: { type: 'public' } });
  await strapi.db.query('plugin::users-permissions.permission').create({ data: { action: 'api::tag.tag.find', role: role.id } });
  await write.shift();
}
