// convert-seed.mjs URL   content of a server of 4.26.2 for the types of convert-types.mjs: locales, drafts, published entries, and a
// relation of every kind between them.
import { call, login, post, upload } from './admin.mjs';

const url = process.argv[2];
const headers = await login(url);
for (const [code, name] of [['fr', 'French (fr)'], ['de', 'German (de)']]) await post(url, '/i18n/locales', headers, { code, name, isDefault: false });
const files = [];
for (const name of ['one.png', 'größe 漢字.png', 'three.png', 'four.png']) files.push((await upload(url, headers, name, name)).id);

const manage = '/content-manager/collection-types';
const put = (path, body) => call(url, path, { method: 'PUT', headers, body: JSON.stringify(body) });
const uid = (type) => (type.includes(':') ? type : `api::${type}.${type}`);
const make = async (type, body, { locale, of } = {}) => {
  const query = locale ? `?locale=${locale}${of ? `&relatedEntityId=${of}` : ''}` : '';
  return (await post(url, `${manage}/${uid(type)}${query}`, headers, body)).id;
};
const publish = (type, id) => post(url, `${manage}/${uid(type)}/${id}/actions/publish`, headers, {});

const { roles } = await call(url, '/users-permissions/roles', { headers });
const anna = await make('plugin::users-permissions.user', {
  username: 'anna', email: 'anna@example.com', password: 'Passw0rd1', provider: 'local', confirmed: true, role: roles[0].id,
});
const authors = [];
for (const name of ['Ada', 'Bob', 'Cy']) authors.push(await make('author', { name, avatar: files[authors.length] }));
await put(`${manage}/api::author.author/${authors[0]}`, { friends: [authors[2], authors[1]] });
const tags = [];
for (const label of ['red', 'green', 'blue', 'draft']) {
  tags.push(await make('tag', { label, icon: files[1], author: authors[tags.length], owner: anna }));
  if (label !== 'draft') await publish('tag', tags.at(-1));
}
// Locales out of order, so that the smallest row is not of the default one.
const categories = {};
categories.fr = await make('category', { name: 'Nouvelles', seo: { metaTitle: 'cat fr', image: files[0], link: { label: 'in cat', tags: [tags[3], tags[0]] } } }, { locale: 'fr' });
categories.en = await make('category', { name: 'News' }, { locale: 'en', of: categories.fr });

const link = (n, article) => ({ label: `link ${n}`, article, tags: [tags[2], tags[3], tags[0]], author: authors[1] });
const body = (title, locale, more = {}) => ({
  title, slug: title.toLowerCase().replaceAll(' ', '-'), big: '9007199254740992', price: 12.345, extra: { k: [1, { z: null }], id: 'own' },
  cover: files[0], pictures: [files[2], files[1], files[3]], category: categories[locale], tags: [tags[3], tags[1], tags[0]],
  authors: [], seo: { metaTitle: `${title} seo`, image: files[1], link: link(1) },
  links: [link(2), link(3)],
  blocks: [{ __component: 'shared.gallery', pictures: [files[3], files[0]], links: [link(4)] }, { __component: 'shared.seo', metaTitle: 'block', link: link(5) }],
  ...more,
});
const root = await make('article', body('Root', 'en', { authors: [authors[1], authors[0]] }), { locale: 'en' });
const rootFr = await make('article', body('Racine', 'fr'), { locale: 'fr', of: root });
const rootDe = await make('article', body('Wurzel', 'de', { authors: [authors[2]] }), { locale: 'de', of: root });
const articles = [];
for (const [n, title] of ['First', 'Second', 'Third'].entries()) {
  articles.push(await make('article', body(title, 'en', { parent: root, related: [root, ...articles].reverse(), links: [link(2, root), link(3, articles[0])] }), { locale: 'en' }));
  await make('article', body(`${title} fr`, 'fr', { parent: rootFr, related: [rootFr], seo: null }), { locale: 'fr', of: articles.at(-1) });
}
for (const id of [root, rootFr, articles[0], articles[2]]) await publish('article', id);
await put(`${manage}/api::author.author/${authors[0]}`, { favourites: [articles[2], articles[1], root], links: [link(6, root), link(7, articles[1])] });
const bare = { ...body('Bare', 'de'), category: null };
await make('article', bare, { locale: 'de' });

const single = '/content-manager/single-types';
const home = await put(`${single}/api::home.home?locale=en`, { heading: 'Welcome', article: root, seo: { metaTitle: 'home', link: link(8, root) } });
await post(url, `${single}/api::home.home/actions/publish?locale=en`, headers, {});
await put(`${single}/api::home.home?locale=fr&relatedEntityId=${home.id}`, { heading: 'Bienvenue', article: rootFr });
await put(`${single}/api::setting.setting`, { value: 'a setting', logo: files[0] });
console.log(JSON.stringify({ root, rootFr, rootDe, articles, tags, authors, categories, files, anna }));
