// What a program does with AWS's JavaScript client: makes a table with every kind of index, writes and reads
// items, transactions and PartiQL, follows the stream; prints what it saw as one JSON object.
// AWS_ENDPOINT_URL, keys and region come from the environment, as for any program.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The packages are in build/clients, not in this folder.
const require = createRequire(`${process.argv[2]}/`);
const load = async (name) => {
  const loaded = await import(pathToFileURL(require.resolve(name)));
  return loaded.default && Object.keys(loaded).length < 3 ? loaded.default : loaded;
};
const sdk = await load('@aws-sdk/client-dynamodb');
const streamsSdk = await load('@aws-sdk/client-dynamodb-streams');
const lib = await load('@aws-sdk/lib-dynamodb');

const client = new sdk.DynamoDBClient({ maxAttempts: 1 });
const streams = new streamsSdk.DynamoDBStreamsClient({ maxAttempts: 1 });
const documents = lib.DynamoDBDocumentClient.from(client);
const seen = {};

await client.send(new sdk.CreateTableCommand({
  TableName: 'things',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['p', 's', 'g'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }, { AttributeName: 's', KeyType: 'RANGE' }],
  GlobalSecondaryIndexes: [{
    IndexName: 'by-g', KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' },
  }],
  LocalSecondaryIndexes: [{
    IndexName: 'local', KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }, { AttributeName: 'g', KeyType: 'RANGE' }],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  }],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  OnDemandThroughput: { MaxReadRequestUnits: 1000, MaxWriteRequestUnits: 1000 },
  Tags: [{ Key: 'a', Value: 'b' }],
}));
await sdk.waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName: 'things' });
const { Table } = await client.send(new sdk.DescribeTableCommand({ TableName: 'things' }));
seen.created = Table.CreationDateTime instanceof Date;
seen.onDemand = Table.OnDemandThroughput;
seen.warm = Table.WarmThroughput?.Status;

await documents.send(new lib.PutCommand({
  TableName: 'things',
  Item: { p: 'a', s: '1', g: 'x', n: 42, f: 0.5, big: 12345678901234567890n, b: new Uint8Array([1, 2, 255]),
    set: new Set(['q', 'r']), list: [1, 'two', null, true], map: { deep: { er: [] } } },
}));
const { Item } = await documents.send(new lib.GetCommand({ TableName: 'things', Key: { p: 'a', s: '1' } }));
seen.item = { ...Item, big: String(Item.big), b: [...Item.b], set: [...Item.set].sort() };

await documents.send(new lib.BatchWriteCommand({
  RequestItems: { things: [...Array(25).keys()].map((i) => ({ PutRequest: { Item: { p: 'batch', s: String(i).padStart(2, '0'), g: `g${i % 2}` } } })) },
}));
seen.pages = [];
for await (const page of lib.paginateQuery({ client: documents, pageSize: 10 }, {
  TableName: 'things', KeyConditionExpression: 'p = :p', ExpressionAttributeValues: { ':p': 'batch' },
})) seen.pages.push(page.Items.length);
seen.index = (await documents.send(new lib.QueryCommand({
  TableName: 'things', IndexName: 'by-g', KeyConditionExpression: 'g = :g', ExpressionAttributeValues: { ':g': 'g1' },
}))).Count;

try {
  await client.send(new sdk.PutItemCommand({
    TableName: 'things', Item: { p: { S: 'a' }, s: { S: '1' } }, ConditionExpression: 'attribute_not_exists(p)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  }));
} catch (error) {
  seen.conditional = [error.name, error instanceof sdk.ConditionalCheckFailedException, error.Item?.n];
}
try {
  await documents.send(new lib.TransactWriteCommand({
    TransactItems: [
      { Put: { TableName: 'things', Item: { p: 't', s: '1' } } },
      { ConditionCheck: { TableName: 'things', Key: { p: 'missing', s: '1' }, ConditionExpression: 'attribute_exists(p)' } },
    ],
  }));
} catch (error) {
  seen.transaction = [error.name, error.CancellationReasons.map((reason) => reason.Code)];
}
seen.statement = (await documents.send(new lib.ExecuteStatementCommand({
  Statement: 'SELECT n FROM things WHERE p = ? AND s = ?', Parameters: ['a', '1'],
}))).Items;
try {
  await client.send(new sdk.GetItemCommand({ TableName: 'missing', Key: { p: { S: 'x' } } }));
} catch (error) {
  seen.missing = [error.name, error.message];
}

const described = await streams.send(new streamsSdk.DescribeStreamCommand({ StreamArn: Table.LatestStreamArn }));
let records = 0;
for (const shard of described.StreamDescription.Shards) {
  let { ShardIterator: iterator } = await streams.send(new streamsSdk.GetShardIteratorCommand({
    StreamArn: Table.LatestStreamArn, ShardId: shard.ShardId, ShardIteratorType: 'TRIM_HORIZON',
  }));
  while (iterator) {
    const page = await streams.send(new streamsSdk.GetRecordsCommand({ ShardIterator: iterator }));
    records += page.Records.length;
    if (page.Records.length) seen.recordDate = page.Records[0].dynamodb.ApproximateCreationDateTime instanceof Date;
    iterator = page.Records.length ? page.NextShardIterator : undefined;
  }
}
seen.records = records;
await client.send(new sdk.DeleteTableCommand({ TableName: 'things' }));
console.log(JSON.stringify(seen));
