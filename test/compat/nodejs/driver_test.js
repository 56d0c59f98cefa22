// The stock Node.js driver against a server: driver_test.js HOST PORT.
'use strict';
const assert = require('assert');
const cassandra = require('cassandra-driver');
const { types } = cassandra;

const PAGED_ROWS = 100000;
const PAGE_ROWS = 5000;

const SCALARS = {
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
};

async function typesRoundTrip(client) {
  const kinds = Object.keys(SCALARS);
  const columns = kinds.map((_, i) => `c${i}`);
  await client.execute(`CREATE TABLE all_types (k int PRIMARY KEY, ${kinds.map((kind, i) => `c${i} ${kind}`).join(', ')})`);
  const insert = `INSERT INTO all_types (k, ${columns.join(', ')}) VALUES (?${', ?'.repeat(kinds.length)})`;
  await client.execute(insert, [1, ...Object.values(SCALARS)], { prepare: true });
  await client.execute(insert, [2, ...kinds.map(() => null)], { prepare: true });
  await client.execute(insert, [3, ...kinds.map(() => types.unset)], { prepare: true });
  const row = (await client.execute('SELECT * FROM all_types WHERE k = 1')).first();
  kinds.forEach((kind, i) => assert.deepStrictEqual(String(row[`c${i}`]), String(SCALARS[kind]), kind));
  for (const key of [2, 3]) {
    const empty = (await client.execute('SELECT * FROM all_types WHERE k = ?', [key], { prepare: true })).first();
    columns.forEach((column) => assert.strictEqual(empty[column], null));
  }
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
  await paging(client);
  await errors(client);
  await schemaEvents(client, first);
  await client.execute(`DROP KEYSPACE ${keyspace}`);
  await client.shutdown();
  await first.shutdown();
}

async function main() {
  const [host, port] = process.argv.slice(2);
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
