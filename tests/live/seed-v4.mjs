// seed-v4.mjs URL   content for the small project of 4.26.2: locales, a published article, media, components, a user of the
// site with a password.
import { call, login, post, upload } from './admin.mjs';

const url = process.argv[2];
const headers = await login(url);
await post(url, '/i18n/locales', headers, { code: 'fr', name: 'French (fr)', isDefault: false });
const files = [];
for (const name of ['one.png', 'größe 漢字.png', `${'long-name-'.repeat(12)}.png`]) files.push(await upload(url, headers, name, name));

const collection = '/content-manager/collection-types';
const category = await post(url, `${collection}/api::category.category`, headers, { name: 'News' });
for (let n = 0; n < 3; n++) {
  const seo = { metaTitle: `seo ${n}`, image: files[1].id };
  const article = { title: `Article ${n}`, cover: files[n].id, category: category.id, seo, blocks: [{ __component: 'shared.seo', metaTitle: 'block' }] };
  const made = await post(url, `${collection}/api::article.article?locale=en`, headers, article);
  const query = `locale=fr&relatedEntityId=${made.id}`;
  await post(url, `${collection}/api::article.article?${query}`, headers, { title: `Article ${n} en français`, seo });
  if (n === 0) await post(url, `${collection}/api::article.article/${made.id}/actions/publish`, headers, {});
}
const { data } = await call(url, '/users-permissions/roles', { headers }).then((answer) => ({ data: answer.roles ?? answer }));
await post(url, `${collection}/plugin::users-permissions.user`, headers, {
  username: 'anna', email: 'anna@example.com', password: 'Passw0rd1', provider: 'local', confirmed: true, role: data[0].id,
});
console.log('seeded');
