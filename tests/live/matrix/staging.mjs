// What only staging has, and what it says otherwise than production.
import { user } from './common.mjs';
import { id } from './names.mjs';
import { png } from './writer.mjs';

export async function staging(write) {
  await changed(write);
  await media(write);
  await added(write);
  await user(write.strapi, write.strapi.plugin('users-permissions').service('user'), 'olga', 'editor');
  await write.set('things', {}, { created_by_id: 1, updated_by_id: 1 });
}

async function changed(write) {
  const { fileId: file } = write;
  await write.update('part-plain', { name: 'Plain of staging' });
  await write.update('part-second', { name: 'Second of staging', picture: await file('file-two') });
  await write.update('part-maker', { name: 'Maker of staging' });
  await write.update('part-home', { name: 'Home of staging' });
  await write.update('part-comp1', { name: 'Comp1 of staging' });
  await write.update('part-twin1', { name: 'Twin1 of staging' });
  await write.update('part-chain2', { name: 'Chain2 of staging' });
  await write.update('part-pic', { name: 'Pic of staging', picture: await file('file-shared') });
  await write.update('user-plain', { username: 'plain of staging' });

  await write.update('tag-plain', { label: 'Plain of staging', big: '9007199254740991', price: 99.5, extra: { of: 'staging' } }, 'en');
  await write.update('tag-local', { label: 'Local of staging' }, 'en');
  await write.update('tag-frdiff', { label: 'Français de staging' }, 'fr');
  await write.update('tag-loner', { label: 'Seulement ici' }, 'fr');
  await write.update('tag-pub', { label: 'Draft of staging after publication' }, 'en');
  await write.update('tag-pubboth', { label: 'Published by staging' }, 'en');
  await write.publish('tag-pubboth', 'en');
  await write.update('tag-pubboth', { label: 'Draft of staging' }, 'en');
  await write.unpublish('tag-unpub', 'en');
  await write.update('tag-draft', { label: 'Draft of staging, published here' }, 'en');
  await write.publish('tag-draft', 'en');
  for (const name of ['root', 'child2', 'mm1', 'lab1', 'ref1', 'morph1']) {
    await write.update(`tag-${name}`, { label: `${name} of staging` }, 'en');
    await write.publish(`tag-${name}`, 'en');
  }

  const thing = (name, data) => write.update(`thing-${name}`, { title: `${name} of staging`, ...data }, 'en');
  await thing('media', { cover: await file('file-one'), gallery: [await file('file-shared'), await file('file-three')] });
  await thing('friend1', { friends: ['thing-friend3', 'thing-friend2'].map(id) });
  await thing('friend2', { friends: [id('thing-friend1')] });
  await write.publish('thing-friend1', 'en');
  await write.publish('thing-friend2', 'en');
  await thing('mm', { tags: ['tag-mm3', 'tag-mm1'].map(id) });
  await write.publish('thing-mm', 'en');
  await thing('maker', { maker: id('part-second') });
  await thing('labels', { labels: ['tag-lab1', 'tag-mm1'].map(id) });
  await thing('home', { home: id('part-twin2') });
  await thing('twin', { twin: id('part-twin2') });
  await write.morph('thing-morph', { subject: 'part-plain', subjects: ['tag-morph2', 'part-plain'] });
  await write.update('thing-local', { title: 'Chose de staging' }, 'fr');
  await thing('comp', {
    ref: { note: 'comp of staging', tag: id('tag-ref2'), parts: ['part-comp3', 'part-comp1'].map(id), images: [await file('file-two'), await file('file-one')] },
    refs: [{ note: 'the only one', tag: id('tag-ref1'), parts: ['part-comp1'].map(id), seo: { text: 'deep', image: await file('file-shared') } }],
  });
  await write.publish('thing-comp', 'en');
  await thing('zone', {
    zone: [
      { __component: 'lab.ref', note: 'first now', tag: id('tag-ref2'), parts: ['part-comp1', 'part-comp2'].map(id), images: [await file('file-three')] },
      { __component: 'lab.seo', text: 'second now', image: await file('file-shared') },
    ],
  });
  await thing('keeper', { tags: ['tag-mm2', 'tag-mm1', 'tag-mm3'].map(id) });
  await write.publish('thing-keeper', 'en');
  await write.update('motto-only', { text: 'Motto of staging', about: id('part-plain'), ref: { note: 'motto of staging', tag: id('tag-ref2'), parts: ['part-comp2', 'part-comp1'].map(id) } }, 'en');
  await write.publish('motto-only', 'en');
  await write.update('motto-only', { text: 'Devise de staging' }, 'fr');
  await write.update('about-staging', { title: 'About of staging', blocks: [{ __component: 'shared.rich-text', body: '# Staging' }] });
}

async function media(write) {
  await write.set('files', { document_id: id('file-cap') }, { caption: 'caption of staging', updated_at: Date.now() });
  await write.upload('file-onlya', 'only staging.png', png(20, 20, 50), { caption: 'only in staging' });
  await write.upload('file-onlybig', 'only big.png', png(500, 300, 51));
  await write.upload('file-equala', 'equal here.png', png(20, 20, 60), { caption: 'equal here' });
  await write.clash('file-clasha', png(20, 20, 70));
  const folder = await write.folder('folder-onlya', 'Only staging');
  await write.upload('file-foldered', 'foldered.txt', Buffer.from('in a folder of staging\n'), { mime: 'text/plain', folder });
}

async function added(write) {
  const { fileId: file } = write;
  await write.create('part-onlya', { name: 'Only in staging', picture: await file('file-onlya') });
  await write.create('part-uniquea', { name: 'Unique' });
  await write.create('part-chainnew', { name: 'At the end of the chain' });
  await write.update('part-chain3', { next: id('part-chainnew') });
  await write.create('tag-onlya', { label: 'Only in staging', code: 'a', big: '-7' }, 'en');
  await write.update('tag-onlya', { label: 'Seulement à staging' }, 'fr');
  await write.publish('tag-onlya', 'en');
  await write.create('tag-childa', { label: 'Child in staging', parent: id('tag-root') }, 'en');
  await write.publish('tag-childa', 'en');
  await write.create('tag-drafta', { label: 'Draft in staging' }, 'en');
  const image = await file('file-onlya');
  await write.create('thing-onlya', {
    title: 'Only in staging', slug: 'only-in-staging', maker: id('part-onlya'), home: id('part-home'), twin: id('part-second'),
    tags: ['tag-onlya', 'tag-mm1'].map(id), labels: ['tag-lab2', 'tag-onlya'].map(id), friends: ['thing-friend1'].map(id),
    cover: image, gallery: [await file('file-shared'), image],
    ref: { note: 'of staging', tag: id('tag-onlya'), parts: ['part-onlya', 'part-comp1'].map(id), images: [image, await file('file-one')], seo: { text: 's', image } },
    zone: [{ __component: 'lab.ref', note: 'z', tag: id('tag-mm1'), parts: ['part-comp1'].map(id) }, { __component: 'lab.seo', text: 't', image: await file('file-onlybig') }],
  }, 'en');
  await write.morph('thing-onlya', { subject: 'tag-onlya', subjects: ['part-onlya', 'tag-morph2', 'tag-onlya'] });
  await write.publish('thing-onlya', 'en');
  await write.update('thing-friend3', { friends: [id('thing-onlya')] }, 'en');
  await write.create('thing-equal', { title: 'With an equal file', slug: 'equal', cover: await file('file-equala') }, 'en');
  await write.create('thing-clash', { title: 'With a file whose name is taken', slug: 'clash', cover: await file('file-clasha') }, 'en');
  await write.create('thing-plaina', { title: 'Without relations', slug: 'plain-a' }, 'en');
  await write.create('thing-taken', { title: 'Twin of what has one there', slug: 'taken', twin: id('part-maker') }, 'en');
}
