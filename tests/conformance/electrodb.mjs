// ElectroDB's usual work: entities with two access patterns in one table, collections, conditional updates.
import { createRequire } from 'node:module';

const require = createRequire(`${process.argv[2]}/`);
const { DynamoDBClient, CreateTableCommand } = require('@aws-sdk/client-dynamodb');
const { Entity, Service } = require('electrodb');

const client = new DynamoDBClient({ maxAttempts: 1 });
const table = 'electro';
await client.send(new CreateTableCommand({
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
  GlobalSecondaryIndexes: [{
    IndexName: 'gsi1', Projection: { ProjectionType: 'ALL' },
    KeySchema: [{ AttributeName: 'gsi1pk', KeyType: 'HASH' }, { AttributeName: 'gsi1sk', KeyType: 'RANGE' }],
  }],
}));
const entity = (name, attributes) => new Entity({
  model: { entity: name, version: '1', service: 'work' },
  attributes: { team: { type: 'string', required: true }, id: { type: 'string', required: true }, ...attributes },
  indexes: {
    primary: { pk: { field: 'pk', composite: ['team'] }, sk: { field: 'sk', composite: ['id'] } },
    all: { collection: 'things', index: 'gsi1', pk: { field: 'gsi1pk', composite: ['team'] }, sk: { field: 'gsi1sk', composite: ['id'] } },
  },
}, { client, table });
const task = entity('task', {
  points: { type: 'number', default: 1 }, tags: { type: 'set', items: 'string' },
  state: { type: ['open', 'done'], default: 'open' }, history: { type: 'list', items: { type: 'string' } },
});
const person = entity('person', { name: { type: 'string' } });
const work = new Service({ task, person });

const seen = {};
await task.put([...Array(60).keys()].map((i) => ({ team: 'red', id: `t${String(i).padStart(2, '0')}`, points: i }))).go();
await person.create({ team: 'red', id: 'anna', name: 'Anna' }).go();
seen.twice = await person.create({ team: 'red', id: 'anna', name: 'Other' }).go().then(() => 'made', (error) => error.code);
await task.update({ team: 'red', id: 't00' }).add({ points: 5, tags: ['x', 'y'] }).append({ history: ['now'] }).set({ state: 'done' }).go().catch(async () => {
  await task.update({ team: 'red', id: 't00' }).set({ state: 'done', history: ['now'] }).add({ points: 5, tags: ['x', 'y'] }).go();
});
const { data: first } = await task.get({ team: 'red', id: 't00' }).go();
seen.updated = { ...first, tags: [...first.tags].sort() };
seen.filtered = (await task.query.primary({ team: 'red' }).where(({ points }, { gt }) => gt(points, 50)).go({ pages: 'all' })).data.length;
seen.between = (await task.query.primary({ team: 'red' }).between({ id: 't10' }, { id: 't19' }).go()).data.length;
const { data: together } = await work.collections.things({ team: 'red' }).go({ pages: 'all' });
seen.collection = [together.task.length, together.person.length];
await work.transaction.write(({ task: t, person: p }) => [
  t.patch({ team: 'red', id: 't01' }).set({ state: 'done' }).commit(),
  p.remove({ team: 'red', id: 'anna' }).commit(),
]).go();
seen.people = (await person.query.primary({ team: 'red' }).go()).data.length;
const page = await task.query.primary({ team: 'red' }).go({ limit: 7 });
seen.page = [page.data.length, (await task.query.primary({ team: 'red' }).go({ limit: 7, cursor: page.cursor })).data[0].id];
console.log(JSON.stringify(seen));
