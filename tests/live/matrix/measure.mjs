// measure.mjs COMMAND…   runs a command and tells, in the last line of its errors, the most memory that it has held, in MiB. It is given
// up after MEASURE_PATIENCE seconds, if that is set.
import { spawn } from 'node:child_process';
import { peak } from './case.mjs';

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
let most = 0;
const watch = setInterval(() => (most = peak(child.pid) ?? most), 20);
const patience = Number(process.env.MEASURE_PATIENCE ?? 0);
const late = patience > 0 && setTimeout(() => child.kill('SIGKILL'), patience * 1000);
child.on('close', (code) => {
  clearInterval(watch);
  clearTimeout(late);
  console.error(`\n${most.toFixed(1)}`);
  process.exit(code ?? 1);
});
