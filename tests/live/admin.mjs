// What the parts of the live tests ask of a server as its administrator.
const json = { 'content-type': 'application/json' };

export async function call(url, path, options = {}) {
  const answer = await fetch(url + path, options);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}`);
  return text === '' ? null : JSON.parse(text);
}

// Registers the first administrator, or logs in. Answers with the headers of calls.
export async function login(url) {
  const admin = { email: 'admin@example.com', password: 'Passw0rd1' };
  const { data: init } = await call(url, '/admin/init');
  const [path, body] = init.hasAdmin
    ? ['/admin/login', admin]
    : ['/admin/register-admin', { ...admin, firstname: 'A', lastname: 'B' }];
  const { data } = await call(url, path, { method: 'POST', headers: json, body: JSON.stringify(body) });
  return { ...json, authorization: `Bearer ${data.token}` };
}

export const post = (url, path, headers, body) =>
  call(url, path, { method: 'POST', headers, body: JSON.stringify(body) });

// A picture of one pixel.
export const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

export async function upload(url, { authorization }, name, caption, bytes = pixel, type = 'image/png') {
  const form = new FormData();
  form.append('files', new Blob([bytes], { type }), name);
  form.append('fileInfo', JSON.stringify({ name, caption, alternativeText: caption }));
  const [file] = await call(url, '/upload', { method: 'POST', headers: { authorization }, body: form });
  return file;
}
