/** The tier map: families of notes by tiers. */

import { button, element } from "./element";
import type { Cell, Model } from "./model";
import { spoken } from "./model";

const FIRST = 300;
const MORE = 1_000;
const LETTERS = { there: "T", missing: "M", leak: "L" };
const WORDS = { there: "there", missing: "missing", leak: "gives secrets away" };

export class Tiers {
  #count = FIRST;

  constructor(
    readonly container: HTMLElement,
    readonly model: Model,
    readonly open: (path: string) => void,
  ) {}

  render(): void {
    const { matrix, tiers } = this.model.data;
    if (!matrix || matrix.tiers.length === 0) {
      this.container.replaceChildren(element("p", { class: "note" }, "This vault has no tiers, or none of them is here."));
      return;
    }
    const rows = matrix.rows.filter((row) => this.model.rowFits(row.base, row.cells));
    const heads = matrix.tiers.map((tier) => element("th", { scope: "col" }, tiers[tier]?.folder ?? ""));
    const head = element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Note"), ...heads));
    const names = matrix.tiers.map((tier) => (tiers[tier] ? spoken(tiers[tier]) : ""));
    const body = element("tbody");
    for (const row of rows.slice(0, this.#count)) {
      const cells = row.cells.map((cell, index) => this.cell(cell, `${row.base}, ${names[index] ?? ""}`));
      body.append(element("tr", {}, element("th", { scope: "row" }, row.base), ...cells));
      body.append(...row.cells.filter((cell) => cell.leaks).map((cell) => this.leaks(cell, heads.length)));
    }
    for (const cell of matrix.others.filter((cell) => this.model.rowFits(cell.path, [cell]))) {
      body.append(element("tr", {}, element("th", { scope: "row" }, `${cell.path} (of no family)`)));
      body.append(this.leaks(cell, heads.length));
    }
    const parts: HTMLElement[] = [this.letters(rows.length), element("table", {}, head, body)];
    const rest = rows.length - this.#count;
    if (rest > 0) {
      const more = button({ class: "more" }, () => {
        this.#count += MORE;
        this.render();
      }, `Show ${Math.min(rest, MORE)} more of ${rest}`);
      parts.push(more);
    }
    if (matrix.leftOut > 0) parts.push(element("p", { class: "note" }, `${matrix.leftOut} more families are left out; see --limit.`));
    this.container.replaceChildren(...parts);
  }

  private letters(shown: number): HTMLElement {
    const all = this.model.data.matrix?.rows ?? [];
    const count = (state: Cell["state"]): number => all.filter((row) => row.cells.some((cell) => cell.state === state)).length;
    const letter = (state: Cell["state"], text: string): HTMLElement =>
      element("span", {}, element("b", { class: state }, LETTERS[state]), ` ${text}`);
    return element(
      "div",
      { class: "letters note" },
      letter("there", "the note is there"),
      letter("missing", `missing, in ${count("missing")} of ${all.length} families`),
      letter("leak", `names or shows something of a more secret tier, in ${count("leak")}`),
      element("span", { id: "rows" }, shown === all.length ? "" : `${shown} fit the filter`),
    );
  }

  private cell(cell: Cell, where: string): HTMLElement {
    const label = `${where}: ${WORDS[cell.state]}`;
    const made = element("td", { class: `state ${cell.state}` });
    if (cell.state === "missing") {
      made.append(element("span", { "aria-label": label, role: "img", title: cell.path }, LETTERS.missing));
    } else {
      made.append(button({ "aria-label": `${label}; open`, title: cell.path }, () => this.open(cell.path), LETTERS[cell.state]));
    }
    return made;
  }

  private leaks(cell: Cell, columns: number): HTMLElement {
    const told = (cell.leaks ?? []).map((leak) => element("div", {}, `${cell.path} ${leak.embed ? "shows" : "names"} ${leak.target}`));
    const inner = element("td", { class: "leaks leak", colspan: String(columns) }, ...told);
    return element("tr", {}, element("th", { scope: "row" }, "↳ gives away"), inner);
  }
}
