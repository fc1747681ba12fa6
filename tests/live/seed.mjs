// seed.mjs URL   what the example application lacks: a published article, files with long and foreign names and captions.
const url = process.argv[2];
const json = { 'content-type': 'application/json' };

async function call(path, options) {
  const answer = await fetch(url + path, options);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}`);
  return text === '' ? null : JSON.parse(text);
}

const admin = { email: 'admin@example.com', password: 'Passw0rd1', firstname: 'A', lastname: 'B' };
const { data } = await call('/admin/register-admin', { method: 'POST', headers: json, body: JSON.stringify(admin) });
const authorization = `Bearer ${data.token}`;

// A picture of one pixel; long file names become long hashes.
const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
for (const [name, caption] of [
  [`${'long-name-'.repeat(15)}.png`, 'a long name'],
  ['größe 漢字 🌍.png', 'Überschrift – 漢字 🌍 «ñ»'],
]) {
  const form = new FormData();
  form.append('files', new Blob([pixel], { type: 'image/png' }), name);
  form.append('fileInfo', JSON.stringify({ name, caption, alternativeText: caption }));
  await call('/upload', { method: 'POST', headers: { authorization }, body: form });
}

const uid = 'api::article.article';
const list = await call(`/content-manager/collection-types/${uid}?pageSize=2`, { headers: { authorization } });
for (const { documentId } of list.results) {
  const path = `/content-manager/collection-types/${uid}/${documentId}/actions/publish`;
  await call(path, { method: 'POST', headers: { ...json, authorization }, body: '{}' });
}
console.log('seeded');
