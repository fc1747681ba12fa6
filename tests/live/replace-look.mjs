// replace-look.mjs URL [MORE-THAN]   a server whose content was replaced: its administrator still logs in, the content manager shows every
// document of every type, a user who came along logs in with the old password, and the locale is there.
import { ok } from 'node:assert';
import { call, login } from './admin.mjs';

const [url, least = 10] = process.argv.slice(2);
const headers = await login(url);
const { data: types } = await call(url, '/content-manager/content-types', { headers });
let shown = 0;
for (const { uid, kind, isDisplayed } of types) {
  if (!isDisplayed || uid.startsWith('admin::')) continue;
  const path = kind === 'singleType' ? 'single-types' : 'collection-types';
  const answer = await call(url, `/content-manager/${path}/${uid}${kind === 'singleType' ? '' : '?pageSize=100'}`, { headers })
    .catch((error) => { if (kind === 'singleType' && / 404 /.test(error.message)) return { results: [] }; throw error; });
  for (const row of answer.results ?? []) {
    const one = await call(url, `/content-manager/${path}/${uid}/${row.documentId ?? row.id}`, { headers });
    ok(one.data ?? one, `${uid} ${row.documentId ?? row.id}`);
    shown += 1;
  }
}
ok(shown > Number(least), `only ${shown} documents are shown`);
const found = await call(url, '/api/auth/local', {
  method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ identifier: 'anna@example.com', password: 'Passw0rd1' }),
});
ok(found.jwt, 'the user who came along cannot log in');
const locales = await call(url, '/i18n/locales', { headers });
ok(locales.some(({ code }) => code === 'fr'), 'the locale is not there');
const roles = await call(url, '/users-permissions/roles', { headers });
ok((roles.roles ?? roles).length >= 2, 'roles are missing');
console.log(`${shown} documents are shown`);
