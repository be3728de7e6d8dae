// An informer on pods by @kubernetes/client-node: prints what it sees, a JSON object a line.
//   node informer.mjs MODULES URL
// After an error it waits for a line on stdin before it connects again, as a controller would after
// its back-off.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import readline from 'node:readline';

const [modules, server] = process.argv.slice(2);
const require = createRequire(modules + '/package.json');
const k8s = await import(pathToFileURL(require.resolve('@kubernetes/client-node')));

const config = new k8s.KubeConfig();
config.loadFromClusterAndUser({ name: 'kless', server, skipTLSVerify: true }, { name: 'test' });
const core = config.makeApiClient(k8s.CoreV1Api);
let lists = 0;
const informer = k8s.makeInformer(config, '/api/v1/pods', () => {
  lists++;
  return core.listPodForAllNamespaces();
});

const say = (event, pod) =>
  console.log(JSON.stringify({
    event, lists, name: pod?.metadata?.name, version: Number(pod?.metadata?.resourceVersion ?? 0),
  }));
for (const event of ['add', 'update', 'delete']) informer.on(event, (pod) => say(event, pod));
informer.on('connect', () => say('connect'));
informer.on('error', () => say('error'));

readline.createInterface({ input: process.stdin }).on('line', () => informer.start())
  .on('close', () => process.exit(0));
informer.start();
