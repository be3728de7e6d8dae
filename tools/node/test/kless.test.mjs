// The helper against the real binary.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { KlessError, RequestError, startDaemon } from "../kless.mjs";

const JOBS = "/apis/batch/v1/namespaces/default/jobs";

function job(name, spec = {}) {
  const container = { name: "main", image: "busybox", command: ["sleep", "60"] };
  const template = { spec: { restartPolicy: "Never", containers: [container] } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { ...spec, template } };
}

async function withDaemon(options, body) {
  const k = await startDaemon(options);
  try {
    await body(k);
  } finally {
    await k.stop();
  }
}

test("a daemon lives until it is stopped", async () => {
  const k = await startDaemon();
  const { pid } = k;
  assert.equal((await k.get("/kless/v1/health")).status, "ok");
  process.kill(pid, 0);
  await k.stop();
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  await k.stop(); // Nothing is left to do.
});

test("disposing of it stops it, as the end of an `await using` block does", async () => {
  const k = await startDaemon();
  const { pid } = k;
  await k[Symbol.asyncDispose]();
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});

test("`await using` stops it where this Node has it", async (context) => {
  let run;
  try {
    const AsyncFunction = (async () => {}).constructor;
    run = new AsyncFunction("startDaemon", "await using k = await startDaemon(); return k.pid;");
  } catch {
    context.skip("this Node has no `await using`");
    return;
  }
  const pid = await run(startDaemon);
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});

test("advancing a paused clock ends a job of a minute at once", async () => {
  await withDaemon({}, async (k) => {
    await k.clock.pause();
    const before = await k.clock.now();
    await k.post(JOBS, job("minute"));
    await k.clock.advance(30_000);
    assert.equal((await k.get(`${JOBS}/minute`)).status.completionTime, undefined);
    await k.clock.advance(31_000);
    assert.equal((await k.get(`${JOBS}/minute`)).status.succeeded, 1);
    assert.equal((await k.clock.now()) - before, 61_000);
    await k.clock.resume();
    assert.equal((await k.clock.state()).paused, false);
  });
});

test("a fast clock passes more than real time", async () => {
  await withDaemon({}, async (k) => {
    await k.clock.speed(1000);
    await k.post(JOBS, job("minute"));
    await k.run("wait", "--for=condition=Complete", "job/minute");
    assert.ok((await k.clock.state()).elapsed_ms >= 60_000);
  });
});

test("flags reach the daemon; feed and invocations can be read", async () => {
  const flags = ["--loops", "job", "--nodes", "0", "--function", "job-controller.init=450"];
  await withDaemon({ flags }, async (k) => {
    await k.post(JOBS, job("cold", { completions: 3, parallelism: 3 }));
    await k.waitIdle();
    const [first] = await k.invocations("job-controller");
    assert.equal(first.start, "cold");
    assert.ok(first.init_ms >= 450);
    const kinds = (await k.feed()).map((record) => record.key["resource-type"].S);
    assert.equal(kinds.filter((kind) => kind === "pod").length, 3);
    await assert.rejects(k.get("/kless/v1/functions/nothing"), (error) => {
      assert.ok(error instanceof RequestError);
      assert.equal(error.status, 404);
      return true;
    });
    const patched = await k.request("PATCH", "/kless/v1/functions/job-controller", { memory_mb: 1769 });
    assert.equal(patched.memory_mb, 1769);
  });
});

test("other programs find the daemon by its environment", async () => {
  await withDaemon({}, async (k) => {
    await k.post(JOBS, job("seen"));
    const env = await k.environment();
    const { stdout } = await promisify(execFile)(k.binary, ["feed", "--after", "0"], { env });
    assert.match(stdout, /default\/seen/);
    assert.ok((await readFile(await k.kubeconfig(), "utf8")).includes(k.endpoint));
    assert.match(await k.run("feed", "--after", "0"), /default\/seen/);
    await assert.rejects(k.run("submit", "-f", "/nothing/here.yaml"), /submit .* ended with/);
  });
});

test("data in a folder is there for the next daemon", async () => {
  const data = await mkdtemp(path.join(tmpdir(), "kless-data-"));
  try {
    await withDaemon({ data }, (k) => k.post(JOBS, job("kept")));
    await withDaemon({ data }, async (k) => {
      assert.equal((await k.get(`${JOBS}/kept`)).metadata.name, "kept");
    });
  } finally {
    await rm(data, { recursive: true });
  }
});

test("a data directory among the flags keeps the data", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "kless-data-"));
  try {
    await withDaemon({ flags: ["--data-directory", folder] }, async () => {
      assert.ok((await readFile(path.join(folder, "kless.db"))).length > 0);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("relative paths are those of the test's working directory", async () => {
  const here = process.cwd();
  const folder = await mkdtemp(path.join(tmpdir(), "kless-relative-"));
  process.chdir(folder);
  try {
    await writeFile("settings.yaml", "functions: {default: {memory_mb: 256}}\n");
    const flags = ["--config", "settings.yaml", "--record", "session.jsonl"];
    await withDaemon({ data: "data", flags }, async (k) => {
      await k.post(JOBS, job("kept"));
      assert.equal((await k.get("/kless/v1/functions/job-controller")).memory_mb, 256);
    });
    assert.match(await readFile("session.jsonl", "utf8"), /kept/);
    await withDaemon({ data: "data" }, async (k) => {
      assert.equal((await k.get(`${JOBS}/kept`)).metadata.name, "kept");
    });
  } finally {
    process.chdir(here);
    await rm(folder, { recursive: true });
  }
});

test("a daemon that cannot start says why", async () => {
  await assert.rejects(startDaemon({ flags: ["--prot", "1"] }), /--prot/);
  await assert.rejects(startDaemon({ binary: "/nothing/kless" }), /\/nothing\/kless did not start/);
});

test("a daemon that died before it was stopped is an error", async () => {
  const k = await startDaemon();
  process.kill(k.pid, "SIGKILL");
  await assert.rejects(k.get("/kless/v1/idle?timeout=10s"), KlessError);
  await assert.rejects(k.stop(), /kless ended with SIGKILL/);
});
