// A client made of Microsoft's own packages. Every message that the server sends is
// checked; one that is no such thing, that nobody awaits, or that the client said it
// does not understand is a fault.
import { spawn } from "node:child_process";
import protocol from "vscode-languageserver-protocol/node";
import { answers, notifications, requests } from "./messages.mjs";

/** Milliseconds; the machine may be slow. */
const PATIENCE = 30_000;

export class Client {
  /** What was wrong with messages, in words. */
  faults = [];
  /** How many messages the server sent. */
  messages = 0;
  #heard = [];
  /** Progress that was announced and has not ended, and whether it has begun. */
  #progress = new Map();

  constructor(program) {
    this.server = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
    this.exit = new Promise((done) => this.server.on("exit", done));
    const { StreamMessageReader, StreamMessageWriter } = protocol;
    const [input, output] = [new StreamMessageReader(this.server.stdout), new StreamMessageWriter(this.server.stdin)];
    this.connection = protocol.createMessageConnection(input, output);
    this.connection.onError(([problem]) => this.#fault(`the wire: ${problem}`));
    // Progress has a handler of its own in the package.
    this.connection.onNotification("$/progress", (params) => this.#hear("$/progress", params));
    this.connection.onNotification((method, params) => this.#hear(method, params));
    this.connection.onRequest((method, params) => this.#answer(method, params));
    this.connection.listen();
  }

  /** Asks the server, and checks the answer. */
  async ask(type, params) {
    const answer = await within(this.connection.sendRequest(type, params), `an answer to ${type.method}`);
    this.messages += 1;
    const check = answers[type.method];
    if (!check) this.#fault(`nobody knows what an answer to ${type.method} is`);
    else if (!check(answer)) this.#fault(`no answer to ${type.method}: ${shown(answer)}`);
    return answer;
  }

  /** The error that the server answers with. */
  async refusal(type, params) {
    const answer = this.connection.sendRequest(type, params);
    try {
      await within(answer, `an answer to ${type.method}`);
    } catch (error) {
      this.messages += 1;
      if (!(error instanceof protocol.ResponseError)) throw error;
      return error;
    }
    throw new Error(`${type.method} was not refused`);
  }

  tell(type, params) {
    return this.connection.sendNotification(type, params);
  }

  /** The first notification of a kind, which came or will come, that fits. */
  async heard(method, fits) {
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
      const found = this.#heard.find((own) => own.method === method && fits(own.params));
      if (found) return found.params;
      await new Promise((done) => setTimeout(done, 20));
    }
    throw new Error(`no ${method} came that fits`);
  }

  #fault(words) {
    this.faults.push(words);
  }

  #hear(method, params) {
    this.messages += 1;
    const check = notifications[method];
    if (!check) this.#fault(`a notification that nobody awaits: ${method} ${shown(params)}`);
    else if (!check(params)) this.#fault(`no ${method}: ${shown(params)}`);
    else if (method === "$/progress") this.#follow(params);
    this.#heard.push({ method, params });
  }

  /** Progress is announced, begins, goes on and ends, in this order. */
  #follow({ token, value }) {
    const begun = this.#progress.get(token);
    if (begun === undefined) this.#fault(`progress of ${token}, which was not announced`);
    if ((value.kind === "begin") === (begun === true)) this.#fault(`progress out of order: ${shown(value)}`);
    if (value.kind === "end") this.#progress.delete(token);
    else this.#progress.set(token, true);
  }

  #answer(method, params) {
    this.messages += 1;
    const check = requests[method];
    if (!check) this.#fault(`a request that nobody awaits: ${method} ${shown(params)}`);
    else if (!check(params)) this.#fault(`no ${method}: ${shown(params)}`);
    if (method === "window/workDoneProgress/create") this.#progress.set(params.token, false);
    return method === "workspace/configuration" ? params.items.map(() => null) : null;
  }
}

const shown = (value) => JSON.stringify(value)?.slice(0, 500);

/** What a promise gives, unless that takes too long. */
export function within(promise, what) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE).unref();
  });
  return Promise.race([promise, late]);
}
