// Types of kless.mjs.

export interface DaemonOptions {
  /** Flags of `kless serve`. */
  flags?: string[];
  /** The program; default: $KLESS_BINARY, else kless in the PATH. */
  binary?: string;
  /** A folder that keeps the data for a later daemon; default: the data is in memory. */
  data?: string;
}

export interface ClockState {
  mode: "real" | "virtual";
  now: string;
  elapsed_ms: number;
  speed: number | null;
  paused: boolean;
  next_timer_ms: number | null;
}

export interface Clock {
  state(): Promise<ClockState>;
  now(): Promise<Date>;
  /** Skips ahead: every timer in between fires before the promise is fulfilled. */
  advance(milliseconds: number): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Emulated seconds per real second. */
  speed(factor: number): Promise<void>;
}

/** The daemon did not start, died, or could not be asked. */
export class KlessError extends Error {}

/** A reply other than 2xx. */
export class RequestError extends KlessError {
  readonly status: number;
  readonly body: string;
}

export interface Daemon {
  readonly endpoint: string;
  readonly binary: string;
  /** Lines that the daemon wrote. */
  readonly log: string[];
  readonly pid: number | undefined;
  readonly clock: Clock;
  /** Path of a kubeconfig, which lives as long as the daemon. */
  kubeconfig(): Promise<string>;
  /** process.env with KLESS_ENDPOINT, KUBECONFIG and the variables of AWS (AWS_ENDPOINT_URL, ...). */
  environment(): Promise<Record<string, string>>;
  /** Runs `kless ARGUMENTS` against the daemon; what it printed. */
  run(...args: string[]): Promise<string>;
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<any>;
  get(path: string): Promise<any>;
  post(path: string, body?: unknown): Promise<any>;
  put(path: string, body: unknown): Promise<any>;
  patch(path: string, body: unknown, contentType?: string): Promise<any>;
  delete(path: string, body?: unknown): Promise<any>;
  /** Fulfilled once no record, invocation or due timer is left. */
  waitIdle(timeoutMilliseconds?: number): Promise<void>;
  feed(after?: number): Promise<any[]>;
  invocations(functionName?: string, after?: number): Promise<any[]>;
  /** Ends the daemon as SIGTERM does. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export function startDaemon(options?: DaemonOptions): Promise<Daemon>;
