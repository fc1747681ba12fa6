// convert-look.mjs URL   what convert-seed.mjs wrote at 4.26.2, as a server of 5.54.0 shows it after the conversion: in the content
// manager, by the API in both states, and as a page that can be edited and published again.
import { deepStrictEqual as same, ok } from 'node:assert';
import { call, login, post } from './admin.mjs';

const url = process.argv[2];
const headers = await login(url);
const manage = '/content-manager/collection-types/api::';
const list = async (type, query) => (await call(url, `${manage}${type}.${type}?pageSize=100&${query}`, { headers })).results;

// Content manager: each document once in each locale, with its state.
const shown = async (type, field, query = '') => Object.fromEntries((await list(type, query)).map((row) => [row[field], row.status]));
same(await shown('article', 'title', 'locale=en'), { Root: 'published', First: 'published', Second: 'draft', Third: 'published' });
same(await shown('article', 'title', 'locale=fr'), { Racine: 'published', 'First fr': 'draft', 'Second fr': 'draft', 'Third fr': 'draft' });
same(await shown('article', 'title', 'locale=de'), { Wurzel: 'draft', Bare: 'draft' });
same(await shown('tag', 'label'), { red: 'published', green: 'published', blue: 'published', draft: 'draft' });
same(Object.keys(await shown('category', 'name', 'locale=fr')), ['Nouvelles']);
same(Object.keys(await shown('author', 'name')).sort(), ['Ada', 'Bob', 'Cy']);
same(await shown('note', 'text'), { about: 'published', later: 'draft' });

const root = (await list('article', 'locale=en')).find(({ title }) => title === 'Root').documentId;
const { data, meta } = await call(url, `${manage}article.article/${root}?locale=en`, { headers });
same(data.tags.count, 3);
same(data.children.count, 3);
same(meta.availableLocales.map(({ locale, status }) => `${locale} ${status}`).sort(), ['de draft', 'fr published']);
const related = await call(url, `/content-manager/relations/api::article.article/${root}/tags?locale=en`, { headers });
same(related.results.map(({ label, status }) => `${label} ${status}`).sort(), ['draft draft', 'green published', 'red published']);
const home = await call(url, '/content-manager/single-types/api::home.home?locale=fr', { headers });
same(home.data.heading, 'Bienvenue');

// The settings of the content manager are those of before, and know documentIds.
const view = await call(url, '/content-manager/content-types/api::article.article/configuration', { headers });
same(view.data.contentType.settings.mainField, 'title');
ok('documentId' in view.data.contentType.metadatas);

// API: both states of each locale, with relations and media.
const token = { name: `look ${Date.now()}`, description: '', type: 'full-access', lifespan: null, permissions: null };
const { data: { accessKey } } = await post(url, '/admin/api-tokens', headers, token);
const api = { headers: { authorization: `Bearer ${accessKey}`, 'content-type': 'application/json' } };
const fields = ['tags', 'cover', 'pictures', 'category', 'parent', 'related'].map((field) => `populate[${field}]=true`).join('&');
const articles = async (status, locale) => {
  const deep = 'populate[seo][populate][0]=image&populate[links][populate][0]=article&populate[links][populate][1]=tags';
  const { data } = await call(url, `/api/articles?status=${status}&locale=${locale}&sort=title&${fields}&${deep}`, api);
  return data.map((row) => ({
    title: row.title,
    tags: row.tags.map(({ label }) => label).join(),
    files: [row.cover, ...row.pictures].map((file) => file.name).join(),
    category: row.category?.name,
    parent: row.parent?.title,
    related: row.related.map(({ title }) => title).join(),
    seo: row.seo && `${row.seo.metaTitle}, ${row.seo.image.name}`,
    links: row.links.map((link) => `${link.label} ${link.article?.title} ${link.tags.map(({ label }) => label)}`),
  }));
};
const files = 'one.png,three.png,größe 漢字.png,four.png';
const expected = (title, tags, inner, category, more) => ({
  title, tags, files, category, parent: undefined, related: '', seo: `${title} seo, größe 漢字.png`,
  links: [`link 2 undefined ${inner}`, `link 3 undefined ${inner}`], ...more,
});
const live = (title, category, more) => expected(title, 'green,red', 'blue,red', category, more);
const child = (inner) => ({ parent: 'Root', related: 'Root', links: [`link 2 Root ${inner}`, `link 3 undefined ${inner}`] });
same(await articles('published', 'en'), [
  live('First', 'News', child('blue,red')),
  live('Root', 'News'),
  live('Third', 'News', { ...child('blue,red'), related: 'First,Root', links: ['link 2 Root blue,red', 'link 3 First blue,red'] }),
]);
same(await articles('published', 'fr'), [live('Racine', 'Nouvelles')]);
same(await articles('published', 'de'), []);
const drafted = await articles('draft', 'en');
same(drafted.map(({ title }) => title), ['First', 'Root', 'Second', 'Third']);
same(drafted[1], expected('Root', 'draft,green,red', 'blue,draft,red', 'News'));
same(drafted[3].related, 'Second,First,Root');
same((await articles('draft', 'fr')).map(({ title, parent }) => `${title} ${parent}`), ['First fr Racine', 'Racine undefined', 'Second fr Racine', 'Third fr Racine']);

// Files are served, and a user of the site logs in with the password of before.
const [file] = (await call(url, '/upload/files', { headers })).results;
same((await fetch(url + file.url)).status, 200);
const who = await call(url, '/api/auth/local', { ...api, headers: { 'content-type': 'application/json' }, method: 'POST', body: JSON.stringify({ identifier: 'anna', password: 'Passw0rd1' }) });
same(who.user.username, 'anna');

// It can be worked with: a draft is changed and published, and what refers to it follows.
const change = { title: 'Root again' };
await call(url, `${manage}article.article/${root}?locale=en`, { method: 'PUT', headers, body: JSON.stringify(change) });
same((await shown('article', 'title', 'locale=en'))['Root again'], 'modified');
await post(url, `${manage}article.article/${root}/actions/publish?locale=en`, headers, change);
same((await articles('published', 'en')).map(({ title, parent }) => `${title} ${parent}`), ['First Root again', 'Root again undefined', 'Third Root again']);
console.log('shown as expected');
