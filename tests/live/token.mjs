// token.mjs URL NAME PERMISSION…   a new transfer token of the server, on standard output.
import { login, post } from './admin.mjs';

const [url, name, ...permissions] = process.argv.slice(2);
const headers = await login(url);
const { data } = await post(url, '/admin/transfer/tokens', headers, { name, description: '', permissions, lifespan: null });
console.log(data.accessKey);
