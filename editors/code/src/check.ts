import * as vscode from "vscode";
import type { Server } from "./server";

const TYPE = "vaultmark";

interface Definition extends vscode.TaskDefinition {
  task: string;
  arguments?: string[];
}

/** Offers the check of each folder as a task. */
export function offerTasks(server: Server): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TYPE, {
    provideTasks: () => (vscode.workspace.workspaceFolders ?? []).map((own) => task(server, own)),
    resolveTask: (asked) => {
      const folder = asked.scope;
      if (typeof folder !== "object" || server.found === undefined) return undefined;
      return task(server, folder, asked.definition as Definition);
    },
  });
}

/** Checks all notes of the window; what is found in notes that are not open stays listed. */
export async function checkVault(server: Server): Promise<void> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    void vscode.window.showInformationMessage("Open the folder of a vault to check it.");
    return;
  }
  for (const folder of folders) await vscode.tasks.executeTask(task(server, folder));
}

function task(
  server: Server,
  folder: vscode.WorkspaceFolder,
  definition: Definition = { type: TYPE, task: "check" },
): vscode.Task {
  const more = definition.arguments ?? [];
  const program = server.found?.path ?? "vaultmark";
  const execution = new vscode.ProcessExecution(program, ["check", ...more, "."], {
    cwd: folder.uri.fsPath,
    env: { NO_COLOR: "1" },
  });
  const made = new vscode.Task(definition, folder, "check", TYPE, execution, "$vaultmark");
  made.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  made.detail = "Check links, properties and tiers of all notes";
  return made;
}
