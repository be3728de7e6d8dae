// A kless daemon for tests in Node.js, without dependencies.
//
//   import { startDaemon } from "kless-test";
//
//   await using k = await startDaemon({ flags: ["--nodes", "3"] });   // Node 24, TypeScript 5.2
//   await k.post("/apis/batch/v1/namespaces/default/jobs", manifest);
//   await k.waitIdle();
//   await k.clock.advance(3_600_000);
//
// Where there is no `await using`: `try { ... } finally { await k.stop(); }`.  The daemon listens on a
// free port and keeps its data in memory.  kless.d.ts lists everything.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const ADMIN = "/kless/v1";
const START_PATIENCE_MS = 30_000;
const STOP_PATIENCE_MS = 10_000;

export class KlessError extends Error {
  name = "KlessError";
}

export class RequestError extends KlessError {
  name = "RequestError";
  constructor(method, target, status, body) {
    super(`${method} ${target}: ${status} ${body.trim()}`);
    this.status = status;
    this.body = body;
  }
}

// To kless itself KLESS_... are settings: a test's daemon has those that the test gave.
function cleanEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("KLESS_"));
  return { ...Object.fromEntries(kept), ...extra };
}

function clockOf(daemon) {
  const set = async (change) => void (await daemon.post(`${ADMIN}/clock`, change));
  return {
    state: () => daemon.get(`${ADMIN}/clock`),
    now: async () => new Date((await daemon.get(`${ADMIN}/clock`)).now),
    advance: (milliseconds) => set({ advance_ms: milliseconds }),
    pause: () => set({ paused: true }),
    resume: () => set({ paused: false }),
    speed: (factor) => set({ speed: factor }),
  };
}

class Daemon {
  log = [];
  clock = clockOf(this);
  endpoint;
  binary;
  #child;
  #exit; // fulfilled with what ended the daemon
  #folder;
  #kubeconfig;

  constructor(binary, folder) {
    this.binary = binary;
    this.#folder = folder;
  }

  get pid() {
    return this.#child?.pid;
  }

  async start(flags) {
    // It shares the working directory of the test, so that relative paths in flags mean the same.
    const child = spawn(this.binary, ["serve", "--port", "0", ...flags], {
      env: cleanEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    // A test run that ends early leaves no daemon behind.
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    this.#exit = new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) => resolve(code ?? signal));
    }).finally(() => process.off("exit", kill));

    const ready = new Promise((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          this.log.push(line);
          const match = /^kless is ready at (\S+)/.exec(line);
          if (match) resolve((this.endpoint = match[1]));
        });
      }
    });
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, START_PATIENCE_MS);
    });
    await Promise.race([ready, this.#exit, late]);
    clearTimeout(timer);
    if (this.endpoint) return;
    kill();
    const end = await this.#exit;
    this.#child = undefined;
    await rm(this.#folder, { recursive: true, force: true });
    throw new KlessError(`${this.binary} did not start (${end}): ${this.#logTail()}`);
  }

  #logTail() {
    return this.log.slice(-20).join("\n");
  }

  async stop() {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    const wasRunning = child.exitCode === null && child.signalCode === null;
    if (wasRunning) child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_PATIENCE_MS);
    const end = await this.#exit;
    clearTimeout(timer);
    await rm(this.#folder, { recursive: true, force: true });
    if (wasRunning && end === 0) return;
    const when = wasRunning ? "" : " before it was stopped";
    throw new KlessError(`kless ended with ${end}${when}: ${this.#logTail()}`);
  }

  [Symbol.asyncDispose]() {
    return this.stop();
  }

  async kubeconfig() {
    if (!this.#kubeconfig) {
      const file = path.join(this.#folder, "kubeconfig");
      await this.run("kubeconfig", "--out", file);
      this.#kubeconfig = file;
    }
    return this.#kubeconfig;
  }

  async environment() {
    return {
      ...process.env, KLESS_ENDPOINT: this.endpoint, KUBECONFIG: await this.kubeconfig(),
      // For SDKs and tools of AWS.
      AWS_ENDPOINT_URL: this.endpoint, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-1", AWS_EC2_METADATA_DISABLED: "true",
    };
  }

  async run(...args) {
    try {
      const env = cleanEnvironment({ KLESS_ENDPOINT: this.endpoint });
      const { stdout } = await promisify(execFile)(this.binary, args, { env, maxBuffer: 1 << 30 });
      return stdout;
    } catch (error) {
      const why = error.stderr?.trim() || error.message;
      throw new KlessError(`kless ${args.join(" ")} ended with ${error.code}: ${why}`);
    }
  }

  async #send(method, target, body, contentType = "application/json") {
    const isText = body === undefined || typeof body === "string";
    let response, text;
    try {
      response = await fetch(this.endpoint + target, {
        method,
        body: isText ? body : JSON.stringify(body),
        headers: body === undefined ? {} : { "Content-Type": contentType },
      });
      text = await response.text();
    } catch (error) {
      throw new KlessError(`${method} ${target}: ${error.cause ?? error}: ${this.#logTail()}`);
    }
    if (!response.ok) throw new RequestError(method, target, response.status, text);
    return text;
  }

  async request(method, target, body, contentType) {
    const text = await this.#send(method, target, body, contentType);
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }

  get(target) {
    return this.request("GET", target);
  }
  post(target, body) {
    return this.request("POST", target, body);
  }
  put(target, body) {
    return this.request("PUT", target, body);
  }
  patch(target, body, contentType = "application/merge-patch+json") {
    return this.request("PATCH", target, body, contentType);
  }
  delete(target, body) {
    return this.request("DELETE", target, body);
  }

  async waitIdle(timeoutMilliseconds = 30_000) {
    await this.#send("GET", `${ADMIN}/idle?timeout=${Math.round(timeoutMilliseconds)}ms`);
  }

  async feed(after = 0) {
    const records = [];
    for (;;) {
      const text = await this.#send("GET", `${ADMIN}/feed?after=${after}&limit=10000`);
      const page = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
      if (page.length === 0) return records;
      records.push(...page);
      after = page.at(-1).sequence;
    }
  }

  async invocations(functionName, after = 0) {
    const only = functionName ? `&function=${encodeURIComponent(functionName)}` : "";
    const rows = [];
    for (;;) {
      const { items } = await this.get(`${ADMIN}/invocations?limit=1000&after=${after}${only}`);
      if (items.length === 0) return rows;
      rows.push(...items);
      after = items.at(-1).id;
    }
  }
}

export async function startDaemon({ flags = [], binary, data } = {}) {
  const folder = await mkdtemp(path.resolve(tmpdir(), "kless-"));
  const given = flags.map(String);
  let store = data ? ["--data-directory", data] : ["--durability", "memory"];
  if (given.some((flag) => flag.split("=")[0] === "--data-directory")) store = [];
  const program = binary ?? process.env.KLESS_BINARY ?? "kless";
  // The path stays right if the test changes its working directory.
  const found = program.includes("/") ? path.resolve(program) : program;
  const daemon = new Daemon(found, folder);
  // Flags of the test win: of a flag that is given twice the last one counts.
  await daemon.start([...store, ...given]);
  return daemon;
}
