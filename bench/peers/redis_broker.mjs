// What a team would write itself: a callback is appended to a Redis stream, and acknowledged when
// Redis has flushed it (`appendfsync always`); a consumer group posts it to the application, and
// acknowledges it in the stream when that has taken it. No routing, no conversations, no signature.
//
//   LISTEN=8301 REDIS=8302 HOOK=http://127.0.0.1:8303/hook node redis_broker.mjs
import http from 'node:http';
import Redis from 'ioredis';

const listenPort = Number(process.env.LISTEN);
const redisPort = Number(process.env.REDIS);
const hook = new URL(process.env.HOOK);
const inFlightMax = 64;
const pauseMaxMs = 30_000;

// One connection writes, so that commands of one tick share a round trip; another one blocks.
const writer = new Redis({ port: redisPort, enableAutoPipelining: true });
const reader = new Redis({ port: redisPort });
await writer.xgroup('CREATE', 'inbound', 'application', '0', 'MKSTREAM').catch(() => {
  // The group is there already.
});

const agent = new http.Agent({ keepAlive: true, maxSockets: inFlightMax });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function post(body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      hook,
      { agent, method: 'POST', headers: { 'Content-Length': Buffer.byteLength(body) } },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode < 300 ? resolve() : reject(new Error(String(answer.statusCode))));
      });
    request.on('error', reject);
    request.end(body);
  });
}

let inFlight = 0;

async function deliver(id, body) {
  inFlight += 1;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await post(body);
      await writer.xack('inbound', 'application', id);
      break;
    } catch {
      await pause(Math.min(pauseMaxMs, 100 * 2 ** attempt));
    }
  }
  inFlight -= 1;
}

http.createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => {
    body += piece;
  });
  request.on('end', async () => {
    try {
      await writer.xadd('inbound', '*', 'body', body);  // Flushed before the answer.
      response.writeHead(200).end('OK');
    } catch {
      response.writeHead(503).end();
    }
  });
}).listen(listenPort, '127.0.0.1');

for (;;) {
  if (inFlight >= inFlightMax) {
    await pause(1);
    continue;
  }
  const found = await reader.xreadgroup('GROUP', 'application', 'one', 'COUNT',
    inFlightMax - inFlight, 'BLOCK', 500, 'STREAMS', 'inbound', '>');
  for (const [id, fields] of found?.[0]?.[1] ?? []) {
    deliver(id, fields[1]);
  }
}
