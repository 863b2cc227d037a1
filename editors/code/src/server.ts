import * as vscode from "vscode";
import {
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type LanguageClientOptions,
  type Middleware,
  type ServerOptions,
} from "vscode-languageclient/node";
import { completion } from "./completion";
import { findServer, NoServer, type Found } from "./find";
import { clickable } from "./lenses";
import { Problems } from "./problems";
import { explicitSettings, serverKeys } from "./settings";

/** How the server is. */
export type Condition =
  | { kind: "starting" }
  | { kind: "reading"; percentage: number }
  | { kind: "running" }
  | { kind: "stopped"; why: string };

/** The one server of the window, for all of its folders. */
export class Server implements vscode.Disposable {
  private readonly problems = new Problems();
  private current: LanguageClient | undefined;
  private turn: Promise<void> = Promise.resolve();
  private readonly reading = new Map<string | number, number>();
  private readonly changed = new vscode.EventEmitter<Condition>();
  /** Fires whenever the condition changes. */
  readonly onDidChange = this.changed.event;
  condition: Condition = { kind: "starting" };
  found: Found | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
  ) {}

  /** The client, if the server runs. */
  get client(): LanguageClient | undefined {
    return this.current?.isRunning() ? this.current : undefined;
  }

  /** Stops the server, if it runs, and starts it. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      await this.begin();
    });
  }

  /** Stops the server. */
  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  dispose(): void {
    this.problems.dispose();
    this.changed.dispose();
  }

  private inTurn(task: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(task, task);
    return this.turn;
  }

  private become(condition: Condition): void {
    this.condition = condition;
    const running = condition.kind === "running" || condition.kind === "reading";
    void vscode.commands.executeCommand("setContext", "vaultmark.running", running);
    this.changed.fire(condition);
  }

  private async end(): Promise<void> {
    const client = this.current;
    this.current = undefined;
    this.reading.clear();
    try {
      await client?.dispose();
    } catch (error) {
      this.log.warn("The server did not stop in order", error);
    }
  }

  private async begin(): Promise<void> {
    this.become({ kind: "starting" });
    try {
      const settings = vscode.workspace.getConfiguration("vaultmark");
      const found = await findServer(
        settings.get("server.path", ""),
        this.context.extension.extensionUri.fsPath,
      );
      this.found = found;
      this.log.info(`vaultmark ${found.version} (${found.origin}): ${found.path}`);
      const env = settings.get<Record<string, string>>("server.env", {});
      this.current = this.make(found, env);
      await this.current.start();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.log.error(why);
    this.become({ kind: "stopped", why });
    const remedies = error instanceof NoServer ? ["Open Settings", "Show Log"] : ["Show Log"];
    void vscode.window.showErrorMessage(`Vaultmark: ${why}`, ...remedies).then((chosen) => {
      if (chosen === "Show Log") this.log.show();
      if (chosen === "Open Settings") {
        const command = "workbench.action.openSettings";
        void vscode.commands.executeCommand(command, "vaultmark.server.path");
      }
    });
  }

  private make(found: Found, env: Record<string, string>): LanguageClient {
    const server: ServerOptions = {
      command: found.path,
      args: ["lsp"],
      options: { env: { ...process.env, ...env } },
    };
    const options: LanguageClientOptions = {
      documentSelector: [{ scheme: "file", language: "markdown" }],
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticCollectionProvider: this.problems.provider,
      middleware: this.middleware(),
    };
    const client = new LanguageClient("vaultmark", "Vaultmark", server, options);
    client.onDidChangeState(({ newState }) => {
      if (client !== this.current) return;
      if (newState === State.Running) this.become({ kind: "running" });
      if (newState === State.Stopped) {
        this.reading.clear();
        this.become({ kind: "stopped", why: "The server stopped. Its last words are in the log." });
      }
    });
    return client;
  }

  private middleware(): Middleware {
    const keys = serverKeys(this.context.extension);
    return {
      ...clickable,
      ...completion,
      ...this.problems.middleware,
      handleWorkDoneProgress: (token, params, next) => {
        // Progress of reading a folder is shown by the item of the status bar.
        if (params.kind === "begin" && params.title.startsWith("Reading ")) {
          this.reading.set(token, params.percentage ?? 0);
        } else if (params.kind === "report" && this.reading.has(token)) {
          this.reading.set(token, params.percentage ?? 0);
        } else if (params.kind === "end" && this.reading.has(token)) {
          this.reading.delete(token);
        } else {
          next(token, params);
          return;
        }
        const percentages = [...this.reading.values()];
        this.become(
          percentages.length === 0
            ? { kind: "running" }
            : { kind: "reading", percentage: Math.min(...percentages) },
        );
      },
      workspace: {
        configuration: async (params, token, next) => {
          const rest = (await next(params, token)) as unknown[];
          return params.items.map((item, index) =>
            item.section === "vaultmark" ? explicitSettings(keys) : rest[index],
          );
        },
      },
    };
  }
}
