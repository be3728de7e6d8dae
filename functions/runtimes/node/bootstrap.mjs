// The runtime client of Node.js functions: asks the Runtime API for invocations and runs the handler.
// Errors have the types and texts of AWS's runtime interface client.
import {existsSync} from "node:fs";
import http from "node:http";
import {createRequire} from "node:module";
import path from "node:path";
import {pathToFileURL} from "node:url";
import {format} from "node:util";

const [HOST, PORT] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const PREFIX = "/2018-06-01/runtime/";
const agent = new http.Agent({keepAlive: true, maxSockets: 1});
let requestId = "";

class Fault extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

function request(method, target, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : {"Content-Length": Buffer.byteLength(body)};
    const options = {agent, host: HOST, port: PORT, method, path: PREFIX + target, headers: {...headers, ...length}};
    const sent = http.request(options, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({status: response.statusCode, headers: response.headers,
        body: Buffer.concat(parts).toString("utf8")}));
    });
    sent.on("error", reject);
    sent.setTimeout(0);
    sent.end(body);
  });
}

function errorOf(error) {
  if (error instanceof Error || (error && typeof error === "object" && "message" in error && "stack" in error)) {
    return {errorType: error.name, errorMessage: error.message, trace: (error.stack || "").split("\n")};
  }
  return {errorType: typeof error, errorMessage: String(error), trace: []};
}

function report(kind, error) {
  const shown = errorOf(error);
  const line = {errorType: shown.errorType, errorMessage: shown.errorMessage, stack: shown.trace};
  write("ERROR", `${kind} \t${JSON.stringify(line)}`);
}

function fail(target, error) {
  const shown = errorOf(error);
  return request("POST", target, JSON.stringify(shown), {"Content-Type": "application/json",
    "Lambda-Runtime-Function-Error-Type": shown.errorType});
}

// Lines of the console have the time, the request and the level before them; newlines become
// carriage returns, so that a message is one entry of the log.
function write(level, text) {
  const line = `${new Date().toISOString()}\t${requestId || "undefined"}\t${level}\t${text}`;
  process.stdout.write(line.replace(/\n/g, "\r") + "\n");
}

function takeOverConsole() {
  const levels = {log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR", trace: "TRACE", fatal: "FATAL"};
  for (const [name, level] of Object.entries(levels)) console[name] = (...words) => write(level, format(...words));
}

async function loadModule(root, name) {
  const base = path.resolve(root, name);
  const found = [".js", ".mjs", ".cjs", ""].map((end) => base + end).find((file) => existsSync(file));
  try {
    // A file without an end of its own, and what NODE_PATH has, is found by `require` alone.
    if (found === undefined) return createRequire(path.join(root, "index.js"))(name);
    return await import(pathToFileURL(found).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
    if (error && (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND")) {
      throw new Fault("Runtime.ImportModuleError", `Error: ${error.message}`);
    }
    throw error;
  }
}

async function load(handler) {
  const match = /^(.*\/)?([^/.]+(?:\.[^/.]+)*?)\.([^/]+)$/.exec(handler);
  if (!match || handler.includes("..")) throw new Fault("Runtime.MalformedHandlerName", "Bad handler");
  const file = path.basename(handler);
  const dot = file.indexOf(".");
  const moduleName = path.join(path.dirname(handler), file.slice(0, dot));
  const module = await loadModule(process.env.LAMBDA_TASK_ROOT, moduleName);
  const names = file.slice(dot + 1).split(".");
  const find = (from) => names.reduce((value, name) => (value === undefined || value === null ? undefined : value[name]), from);
  const found = find(module) ?? find(module.default);
  if (found === undefined) throw new Fault("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof found !== "function") throw new Fault("Runtime.HandlerNotFound", `${handler} is not a function`);
  return found;
}

function contextOf(headers, settle) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const now = Number(headers["lambda-runtime-now-ms"]) || Date.now();
  const begin = performance.now();
  const parsed = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed("lambda-runtime-client-context"),
    identity: parsed("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => Math.max(Math.round(deadline - now - (performance.now() - begin)), 0),
    done: settle,
    succeed: (result) => settle(null, result),
    fail: (error) => settle(error ?? new Error("handled")),
  };
}

// Node's own functions answer by a promise, or by the callback that is their third parameter.
function call(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const settle = (error, result) => (error === null || error === undefined ? resolve(result) : reject(error));
    const result = handler(event, contextOf(headers, settle), settle);
    if (result && typeof result.then === "function") {
      result.then(resolve, reject);
    } else if (handler.length < 3 && result !== undefined) {
      resolve(result);
    } else if (handler.length < 3) {
      // A plain function that neither answers nor promises anything has the answer null, unless it calls back.
      setImmediate(() => resolve(null));
    }
  });
}

async function main() {
  takeOverConsole();
  let handler;
  try {
    handler = await load(process.env._HANDLER);
  } catch (error) {
    report("Uncaught Exception", error);
    await fail("init/error", error);
    process.exit(1);
  }
  const die = (kind) => async (error) => {
    const fatal = kind === "Unhandled Promise Rejection" ? new Fault("Runtime.UnhandledPromiseRejection", String(error)) : error;
    report(kind, fatal);
    if (requestId) await fail(`invocation/${requestId}/error`, fatal);
    process.exit(129);
  };
  process.on("uncaughtException", die("Uncaught Exception"));
  process.on("unhandledRejection", die("Unhandled Promise Rejection"));
  for (;;) {
    const next = await request("GET", "invocation/next");
    if (next.status !== 200) throw new Error(`the Runtime API answered ${next.status}: ${next.body}`);
    requestId = next.headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"] ?? "";
    try {
      const result = await call(handler, JSON.parse(next.body), next.headers);
      const text = JSON.stringify(result === undefined ? null : result);
      await request("POST", `invocation/${requestId}/response`, text ?? "null", {"Content-Type": "application/json"});
    } catch (error) {
      report("Invoke Error", error);
      await fail(`invocation/${requestId}/error`, error);
    }
    requestId = "";
  }
}

main();
