// sides.mjs URL staging|production   makes one of two sites of 4.26.2 out of what convert-seed.mjs wrote to both: entries that differ,
// entries of one of them alone, and numbers of rows that mean something else on either.
import { call, login, pixel, post, upload } from '../admin.mjs';

const [, , url, side] = process.argv;
const headers = await login(url);
const manage = '/content-manager/collection-types';
const uid = (type) => (type.includes(':') ? type : `api::${type}.${type}`);
const put = (type, id, body) => call(url, `${manage}/${uid(type)}/${id}`, { method: 'PUT', headers, body: JSON.stringify(body) });
const make = async (type, body, query = '') => (await post(url, `${manage}/${uid(type)}${query}`, headers, body)).id;
const publish = (type, id) => post(url, `${manage}/${uid(type)}/${id}/actions/publish`, headers, {});
const single = (path, body) => call(url, `/content-manager/single-types/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });

if (side === 'staging') {
  const five = (await upload(url, headers, 'five.txt', 'five', Buffer.from('five'), 'text/plain')).id;
  await put('article', 1, {
    price: 99.5, extra: { k: 'of staging' }, tags: { disconnect: [{ id: 1 }] },
    seo: { metaTitle: 'Root of staging', image: five, link: { label: 'new', article: 4, tags: [2, 1], author: 3 } },
    blocks: [{ __component: 'shared.seo', metaTitle: 'only', link: { label: 'x', article: 6, tags: [1], author: 1 } }],
  });
  await put('article', 2, { price: 98 });
  await put('author', 1, { avatar: 2, friends: { disconnect: [{ id: 3 }] } });
  await put('tag', 1, { icon: 4 });
  await put('category', 2, { name: 'News', seo: { metaTitle: 'of staging', image: 3, link: { label: 'y', tags: [2], author: 2, article: 1 } } });
  await single('api::home.home?locale=en', { heading: 'Welcome to staging' });
  await single('api::setting.setting', { value: 'of staging', logo: five });
  await publish('article', 6);
  const dee = await make('author', { name: 'Dee', avatar: five, friends: [1, 2] });
  const yellow = await make('tag', { label: 'yellow', icon: five, author: dee });
  await publish('tag', yellow);
  const link = { label: 'of fresh', article: 1, tags: [yellow, 3], author: dee };
  const fresh = await make('article', {
    title: 'Fresh', slug: 'fresh', cover: five, pictures: [2, five, 1], category: 2, tags: [3, yellow, 1], authors: [dee, 2], parent: 1, related: [1, 4],
    seo: { metaTitle: 'fresh seo', image: five, link }, links: [link, link], blocks: [{ __component: 'shared.gallery', pictures: [five, 1], links: [link] }],
  }, '?locale=en');
  await make('article', { title: 'Frais', slug: 'frais', parent: 2, related: [2] }, `?locale=fr&relatedEntityId=${fresh}`);
  await publish('article', fresh);
  await make('plugin::users-permissions.user', { username: 'olga', email: 'olga@example.com', password: 'Passw0rd2', provider: 'local', confirmed: true, role: 1 });
} else {
  for (const name of ['zero.png', 'six.png']) await upload(url, headers, name, name, Buffer.concat([pixel, Buffer.from(name)]));
  const eve = await make('author', { name: 'Eve', avatar: 1, friends: [1, 3], favourites: [1, 4] });
  await make('author', { name: 'Fay', friends: [eve, 1] });
  const own = await make('tag', { label: 'of production', icon: 1, author: eve });
  await publish('tag', own);
  await put('article', 4, { price: 1.5, extra: { k: 'of production' } });
  await put('tag', 3, { icon: 2 });
  const link = (label) => ({ label, article: 1, tags: [own, 1, 2], author: 1 });
  const local = await make('article', {
    title: 'Local', slug: 'local', cover: 1, pictures: [3, 1, 2], category: 2, tags: [1, own, 2, 3], authors: [1, eve], parent: 1, related: [4, 1],
    seo: { metaTitle: 'local', image: 2, link: link('a') }, links: [link('b'), link('c')], blocks: [{ __component: 'shared.gallery', pictures: [1, 2], links: [link('d')] }],
  }, '?locale=en');
  await publish('article', local);
  await post(url, `${manage}/api::article.article/8/actions/unpublish`, headers, {});
}
console.log(`${side} made`);
