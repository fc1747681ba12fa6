// A door before a server of Strapi: a TCP proxy that sees which frames of a transfer pass, in order, and may cut or change them.
// Shares no code with Haul; knows of the protocol only what a frame is about.
import { connect, createServer } from 'node:net';

// What a frame asks, such as "push beforeTransfer" or "push entities stream"; nothing for acknowledgements.
function wordOf(direction, text) {
  const { type, command, action, step } = JSON.parse(text);
  if (type === 'command') return `${direction} ${command}`;
  return type === 'transfer' ? [direction, step, action].filter(Boolean).join(' ') : null;
}

// The frames of one connection, as its client sends them: their bytes and, for texts, what they say.
class Frames {
  constructor(each) {
    Object.assign(this, { each, bytes: Buffer.alloc(0), direction: null });
  }

  take(data) {
    this.bytes = Buffer.concat([this.bytes, data]);
    if (this.direction === null && !this.greeting()) return;
    for (let frame = this.frame(); frame; frame = this.frame()) this.each(frame.raw, frame.word, frame.said);
  }

  // The request that becomes a socket, or one that does not.
  greeting() {
    const end = this.bytes.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.bytes.subarray(0, end + 4).toString('latin1');
    const asked = /^GET \S*\/transfer\/runner\/(pull|push)/.exec(head);
    if (!asked || !/\r\nupgrade: *websocket/i.test(head)) {
      this.each(this.bytes, null);
      this.bytes = Buffer.alloc(0);
      return false;
    }
    this.direction = asked[1];
    this.each(this.bytes.subarray(0, end + 4), `${asked[1]} upgrade`);
    this.bytes = this.bytes.subarray(end + 4);
    return true;
  }

  frame() {
    const { bytes } = this;
    if (bytes.length < 2) return null;
    let [length, at] = [bytes[1] & 127, 2];
    if (length > 125) {
      const more = length === 126 ? 2 : 8;
      if (bytes.length < at + more) return null;
      length = more === 2 ? bytes.readUInt16BE(at) : Number(bytes.readBigUInt64BE(at));
      at += more;
    }
    const mask = bytes.subarray(at, at + 4);
    at += 4;
    if (bytes.length < at + length) return null;
    const [raw, opcode] = [bytes.subarray(0, at + length), bytes[0] & 15];
    const payload = Buffer.from(bytes.subarray(at, at + length));
    for (let n = 0; n < payload.length; n++) payload[n] ^= mask[n & 3];
    this.bytes = bytes.subarray(at + length);
    // Says something else of the same length instead.
    const said = (text) => Buffer.from(text).forEach((byte, n) => (raw[at + n] = byte ^ mask[n & 3]));
    return { raw, word: opcode === 1 ? wordOf(this.direction, payload.toString()) : null, said: (change) => said(change(payload.toString())) };
  }
}

export class Proxy {
  // `port` tells where the server listens now.
  constructor(port) {
    Object.assign(this, { port, sockets: new Set() });
    this.forget();
  }

  // Frames that asked something since the last time, in words. `before` is called with the nth before it passes and `after` when it
  // has; either cuts by answering "cut". `change` makes another text of the same length of what a client says, `twist`
  // changes the bytes of a server in place.
  forget({ before = () => {}, after = () => {}, change = null, twist = () => {} } = {}) {
    Object.assign(this, { words: [], before, after, change, twist });
  }

  async start() {
    this.server = createServer((client) => this.serve(client));
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  serve(client) {
    const server = connect(this.port(), '127.0.0.1');
    const pair = [client, server];
    const over = () => pair.forEach((socket) => (socket.destroy(), this.sockets.delete(socket)));
    for (const socket of pair) {
      this.sockets.add(socket);
      socket.setNoDelay(true).on('error', over).on('close', over);
    }
    const frames = new Frames((raw, word, said) => {
      if (client.destroyed) return;
      if (said && word && this.change) said(this.change);
      const n = word ? this.words.push(word) : 0;
      if (word && this.before(n, word) === 'cut') return over();
      server.write(raw);
      if (word && this.after(n, word) === 'cut') setTimeout(over, 5);
    });
    client.on('data', (data) => frames.take(data));
    server.on('data', (data) => {
      this.twist(data);
      client.write(data);
    });
  }

  stop() {
    for (const socket of this.sockets) socket.destroy();
    this.server?.close();
  }
}

// In which part of a run each of these frames lies: "before", "transfer 1", "between", "transfer 2", "after".
export function partsOf(words) {
  const parts = [];
  let pushes = 0;
  const last = words.lastIndexOf('push upgrade');
  for (const [n, word] of words.entries()) {
    if (word === 'push upgrade') pushes += 1;
    const pulls = pushes === 0 ? 'before' : n > last ? 'after' : 'between';
    parts.push(word.startsWith('push') ? `transfer ${pushes}` : pulls);
  }
  return parts;
}
