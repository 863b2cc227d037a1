import * as vscode from "vscode";
import { countNotes } from "./folders";
import { copies, shownPath } from "./notes";
import type { Server } from "./server";
import type { Shown } from "./shown";

/** Where the folders of tiers that were seen are kept. */
const TIERS = "tiers";

/** The item of the status bar: whether the vault is read, its notes, the tier of the active one. */
export class Status implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly listening: vscode.Disposable[];
  private notes: number | undefined;
  private turn = 0;

  constructor(
    private readonly server: Server,
    private readonly shown: Shown,
    private readonly memory: vscode.Memento,
  ) {
    const left = vscode.StatusBarAlignment.Left;
    this.item = vscode.window.createStatusBarItem("vaultmark.status", left, 0);
    this.item.name = "Vaultmark";
    this.item.command = "vaultmark.menu";
    this.listening = [
      server.onDidChange(() => {
        void this.show();
      }),
      shown.onDidChange(() => {
        void this.show();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.notes = undefined;
      }),
    ];
    const files = vscode.workspace.createFileSystemWatcher("**/*.md", false, true, false);
    const recount = () => {
      this.notes = undefined;
    };
    this.listening.push(files, files.onDidCreate(recount), files.onDidDelete(recount));
    void this.show();
    this.item.show();
  }

  private async show(): Promise<void> {
    const turn = ++this.turn;
    const { condition, found } = this.server;
    const version = found ? `Vaultmark ${found.version}` : "Vaultmark";
    this.item.backgroundColor = undefined;
    switch (condition.kind) {
      case "starting":
        this.put("$(sync~spin) Vaultmark", `${version}: the server starts`);
        return;
      case "stopped":
        this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
        this.put("$(error) Vaultmark", `${version}: ${condition.why}`);
        return;
      case "reading":
        this.put(`$(sync~spin) Reading ${condition.percentage} %`, `${version} reads the vault`);
        return;
      case "running":
    }
    const watched = this.shown.watched;
    const tier = watched && (await this.tierOf(watched));
    // Something newer is shown already.
    if (turn !== this.turn) return;
    const path = watched ? shownPath(watched.document.uri) : "";
    const where = tier === undefined ? "" : `${path} is in the tier ${tier}. `;
    const tell = (count: string) => {
      const text = `$(library) ${count}${tier === undefined ? "" : ` · ${tier}`}`;
      this.put(text, `${version}: ${count} in this window. ${where}Click for commands.`);
    };
    // Counting takes a while where there are many.
    if (this.notes === undefined) tell("notes");
    this.notes ??= await countNotes();
    const count = this.notes === 1 ? "1 note" : `${this.notes.toLocaleString("en")} notes`;
    if (turn === this.turn) tell(count);
  }

  /**
   * The tier of a note. A copy of it in another tier shows that the first folder
   * of its path is one; this is remembered for notes without copies.
   */
  private async tierOf({ client, document }: NonNullable<Shown["watched"]>) {
    const found = await copies(client, document);
    const own = found.find((copy) => copy.isOwn)?.tier;
    const known = new Set(this.memory.get<string[]>(TIERS, []));
    const seen = new Set(found.map((copy) => copy.tier));
    if (seen.size > 1 && [...seen].some((tier) => !known.has(tier))) {
      seen.forEach((tier) => known.add(tier));
      await this.memory.update(TIERS, [...known]);
    }
    return own !== undefined && known.has(own) ? own : undefined;
  }

  private put(text: string, words: string): void {
    this.item.text = text;
    this.item.tooltip = words;
    this.item.accessibilityInformation = { label: words, role: "button" };
  }

  dispose(): void {
    this.item.dispose();
    this.listening.forEach((listener) => {
      listener.dispose();
    });
  }
}
