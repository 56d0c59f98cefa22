// The stock Node.js driver against a server: driver_test.js HOST PORT.
'use strict';
const assert = require('assert');
const cassandra = require('cassandra-driver');
const { types } = cassandra;

const PAGED_ROWS = 100000;
const PAGE_ROWS = 5000;

const VALUES = {
  ascii: 'plain',
  bigint: types.Long.fromString('-9223372036854775808'),
  blob: Buffer.from([0, 255, 16]),
  boolean: true,
  date: types.LocalDate.fromString('1969-07-20'),
  decimal: types.BigDecimal.fromString('-12345678901234567890.0123'),
  double: 0.1,
  duration: new types.Duration(1, 2, types.Long.fromNumber(3000000000)),
  float: 1.5,
  inet: types.InetAddress.fromString('127.0.0.1'),
  int: -42,
  smallint: -32768,
  text: 'Käse ☃',
  time: types.LocalTime.fromString('12:00:00.000000001'),
  timestamp: new Date('2024-02-29T23:59:59.123Z'),
  timeuuid: types.TimeUuid.fromString('8bd4a2e0-ec5b-11ee-8000-0123456789ab'),
  tinyint: -128,
  uuid: types.Uuid.fromString('123e4567-e89b-42d3-a456-426614174000'),
  varint: types.Integer.fromString('-1267650600228229401496703205376'),
  'frozen<list<int>>': [1, 2, 3],
  'frozen<map<text, double>>': { a: 1, b: -2.5 },
  'frozen<set<text>>': ['x', 'y'],
  'frozen<tuple<int, text>>': new types.Tuple(7, 'seven'),
  'list<text>': ['one', 'two', 'one'],
  'map<text, int>': { a: 1, b: 2 },
  'set<int>': [1, 2, 3],
  'map<text, frozen<list<int>>>': { even: [2, 4], odd: [1, 3, 5] },
  'list<frozen<map<text, frozen<set<text>>>>>': [{ x: ['a', 'b'] }, { y: ['c'] }],
  'tuple<int, frozen<tuple<text, double>>>': new types.Tuple(1, new types.Tuple('two', 3)),
  'vector<float, 3>': new cassandra.types.Vector(Float32Array.of(0.5, -1.5, 2)),
};

// Values of the driver's own classes are compared by their text.
function textOf(value) {
  const plain = (element) => element !== null && element.constructor === Object;
  if (Array.isArray(value)) return `[${value.map(textOf)}]`;
  return plain(value) ? `{${Object.entries(value).map(([key, element]) => `${key}: ${textOf(element)}`)}}` : String(value);
}

async function typesRoundTrip(client) {
  const kinds = Object.keys(VALUES);
  const columns = kinds.map((_, i) => `c${i}`);
  await client.execute(`CREATE TABLE all_types (k int PRIMARY KEY, ${kinds.map((kind, i) => `c${i} ${kind}`).join(', ')})`);
  const insert = `INSERT INTO all_types (k, ${columns.join(', ')}) VALUES (?${', ?'.repeat(kinds.length)})`;
  await client.execute(insert, [1, ...Object.values(VALUES)], { prepare: true });
  await client.execute(insert, [2, ...kinds.map(() => null)], { prepare: true });
  await client.execute(insert, [3, ...kinds.map(() => types.unset)], { prepare: true });
  const row = (await client.execute('SELECT * FROM all_types WHERE k = 1')).first();
  kinds.forEach((kind, i) => assert.strictEqual(textOf(row[`c${i}`]), textOf(VALUES[kind]), kind));
  for (const key of [2, 3]) {
    const empty = (await client.execute('SELECT * FROM all_types WHERE k = ?', [key], { prepare: true })).first();
    columns.forEach((column) => assert.strictEqual(empty[column], null));
  }
}

async function collections(client) {
  await client.execute('CREATE TABLE collected (k int PRIMARY KEY, l list<int>, m map<text, int>, s set<text>)');
  const change = 'UPDATE collected SET l = l + ?, m = m + ?, s = s + ? WHERE k = 1';
  await client.execute(change, [[1, 2], { a: 1 }, ['x']], { prepare: true });
  await client.execute(change, [[3], { b: 2 }, ['y', 'z']], { prepare: true });
  await client.execute('UPDATE collected SET l[?] = ?, s = s - ? WHERE k = 1', [0, 10, ['x']], { prepare: true });
  const row = (await client.execute('SELECT l, m, s FROM collected WHERE k = 1')).first();
  assert.strictEqual(textOf([row.l, row.m, row.s]), '[[10,2,3],{a: 1,b: 2},[y,z]]');
}

async function counters(client) {
  await client.execute('CREATE TABLE counted (k text PRIMARY KEY, hits counter)');
  const query = 'UPDATE counted SET hits = hits + ? WHERE k = ?';
  await client.batch([5, -2, 39].map((amount) => ({ query, params: [amount, 'page'] })), { prepare: true, counter: true });
  const row = (await client.execute("SELECT hits FROM counted WHERE k = 'page'")).first();
  assert.strictEqual(row.hits.toString(), '42');
}

async function userTypes(client) {
  await client.execute('CREATE TYPE place (x double, y double)');
  await client.execute('CREATE TYPE address (street text, tags frozen<set<text>>, place frozen<place>)');
  await client.execute('CREATE TABLE people (k int PRIMARY KEY, home address, others map<text, frozen<address>>)');
  const home = { street: 'High Street 1', tags: ['old', 'red'], place: { x: 1.5, y: -2.5 } };
  const work = { street: 'Low Road', tags: ['new'], place: null };
  await client.execute('INSERT INTO people (k, home, others) VALUES (1, ?, ?)', [home, { work }], { prepare: true });
  const row = (await client.execute('SELECT home, others FROM people WHERE k = 1')).first();
  assert.strictEqual(textOf({ ...row.home, place: { ...row.home.place } }), textOf(home));
  assert.strictEqual(row.others.work.street, 'Low Road');
}

async function paging(client) {
  await client.execute('CREATE TABLE paged (k int, c int, v double, PRIMARY KEY (k, c))');
  const query = 'INSERT INTO paged (k, c, v) VALUES (?, ?, ?)';
  for (let begin = 0; begin < PAGED_ROWS; begin += 200) {
    const batch = [];
    for (let i = begin; i < begin + 200; ++i) batch.push({ query, params: [Math.floor(i / 10000), i, i / 2] });
    await client.batch(batch, { prepare: true, logged: false });
  }
  const seen = new Set();
  for await (const row of client.stream('SELECT c FROM paged', [], { prepare: true, autoPage: true, fetchSize: PAGE_ROWS })) {
    seen.add(row.c);
  }
  assert.strictEqual(seen.size, PAGED_ROWS);
}

async function errors(client) {
  await assert.rejects(client.execute('SELEC 1'), (error) => error.code === types.responseErrorCodes.syntaxError);
  await assert.rejects(client.execute('SELECT * FROM nowhere'), (error) => error.code === types.responseErrorCodes.invalid);
  await assert.rejects(client.execute('CREATE TABLE paged (k int PRIMARY KEY)'),
    (error) => error.code === types.responseErrorCodes.alreadyExists && error.table === 'paged');
}

// The control connection hears of the table, and forgets what it knew.
async function schemaEvents(client, other) {
  assert.strictEqual(await other.metadata.getTable(client.keyspace, 'announced'), null);
  await client.execute('CREATE TABLE announced (k int PRIMARY KEY)');
  for (let i = 0; i < 100; ++i) {
    if (await other.metadata.getTable(client.keyspace, 'announced')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('no event of the new table');
}

async function run(host, port, protocolVersion) {
  const options = {
    contactPoints: [`${host}:${port}`],
    localDataCenter: 'datacenter1',
    protocolOptions: { maxVersion: protocolVersion },
  };
  const keyspace = `node_v${protocolVersion}`;
  const first = new cassandra.Client(options);
  await first.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
  const client = new cassandra.Client({ ...options, keyspace });
  await client.connect();
  await typesRoundTrip(client);
  await collections(client);
  await counters(client);
  await userTypes(client);
  await paging(client);
  await errors(client);
  await schemaEvents(client, first);
  await client.execute(`DROP KEYSPACE ${keyspace}`);
  await client.shutdown();
  await first.shutdown();
}

// Numbers into killed.rows without end; each that is acknowledged is printed. Ends with the server.
async function writeUntilKilled(host, port) {
  const client = new cassandra.Client({ contactPoints: [`${host}:${port}`], localDataCenter: 'datacenter1' });
  const insert = 'INSERT INTO killed.rows (writer, number) VALUES (?, ?)';
  for (let number = 0; ; number += 16) {
    const numbers = [...Array(16).keys()].map((i) => number + i);
    await Promise.all(numbers.map(async (each) => {
      await client.execute(insert, ['nodejs', each], { prepare: true });
      process.stdout.write(`${each}\n`);
    }));
  }
}

async function main() {
  const [host, port, mode] = process.argv.slice(2);
  if (mode === 'write') return writeUntilKilled(host, port).catch(() => process.exit(0));
  for (const version of [4]) {  // It speaks no newer one.
    const begin = Date.now();
    await run(host, port, version);
    console.log(`node.js driver: v${version}: ok (${(Date.now() - begin) / 1000} s)`);
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
