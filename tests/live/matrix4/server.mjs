// A server of 4.26.2 as this process's child; started, stopped and brought back as those of the other matrix, but read otherwise.
import { Server as Newer } from '../matrix/server.mjs';
import { read, schemas } from './state.mjs';

export class Server extends Newer {
  async start() {
    await super.start();
    this.schemas ??= await schemas(this.project, this.url, this.token);
  }

  state() {
    return read(this.project, this.url, this.token, this.schemas);
  }
}
