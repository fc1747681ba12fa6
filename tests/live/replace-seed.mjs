// replace-seed.mjs URL here|there   what only one side has, on 4.26.2 and 5.54.0: a file, a category, an article, a webhook, and a
// setting of logins; at the source a user of the site with a password and a locale besides.
import { call, login, post, upload } from './admin.mjs';

const [url, side] = process.argv.slice(2);
const headers = await login(url);
const collection = '/content-manager/collection-types';
const file = await upload(url, headers, `only ${side}.png`, `only ${side}`);
const category = await post(url, `${collection}/api::category.category`, headers, { name: `Only ${side}` });
const of = (made) => (made.data ?? made);
await post(url, `${collection}/api::article.article`, headers, {
  title: `Only ${side}`, cover: file.id, category: of(category).documentId ?? of(category).id,
});
await post(url, '/admin/webhooks', headers, { name: side, url: `https://${side}.example.invalid/hook`, headers: {}, events: ['entry.create'] });
const { settings } = await call(url, '/users-permissions/advanced', { headers });
await call(url, '/users-permissions/advanced', {
  method: 'PUT', headers, body: JSON.stringify({ ...settings, email_reset_password: `https://${side}.example.invalid/reset` }),
});
if (side === 'here') {
  await post(url, '/i18n/locales', headers, { code: 'fr', name: 'French (fr)', isDefault: false });
  const answer = await call(url, '/users-permissions/roles', { headers });
  const role = (answer.roles ?? answer).find(({ type }) => type === 'authenticated');
  await post(url, `${collection}/plugin::users-permissions.user`, headers, {
    username: 'anna', email: 'anna@example.com', password: 'Passw0rd1', provider: 'local', confirmed: true,
    role: role.documentId ?? role.id,
  });
}
console.log('seeded');
