/** The nodes as a list: for screen readers, and for who likes to read. */

import { button, dot, element } from "./element";
import type { Model } from "./model";

const FIRST = 200;
const MORE = 1_000;

export class List {
  #count = FIRST;

  constructor(
    readonly container: HTMLElement,
    readonly model: Model,
    readonly select: (node: number) => void,
    readonly open: (node: number) => void,
  ) {}

  render(selected: number | undefined): void {
    const { nodes } = this.model.data;
    const items: HTMLElement[] = [];
    for (let index = 0; index < nodes.length && items.length < this.#count; index++) {
      if (this.model.nodeShown[index] === 1) items.push(this.item(index, selected));
    }
    const rest = this.model.shown - items.length;
    const list = element("ul", { "aria-label": "Notes and files, best linked first" }, ...items);
    const about = element("p", { class: "note" }, "Best linked first. Enter selects a note, and opens it when it is selected.");
    const parts: HTMLElement[] = [about, list];
    if (items.length === 0) parts.push(element("p", {}, "Nothing fits the filter."));
    if (rest > 0) {
      const more = button({ class: "more" }, () => {
        this.#count += MORE;
        this.render(selected);
      }, `Show ${Math.min(rest, MORE)} more of ${rest}`);
      parts.push(more);
    }
    this.container.replaceChildren(...parts);
  }

  private item(index: number, selected: number | undefined): HTMLElement {
    const node = this.model.data.nodes[index];
    if (!node) return element("li");
    const current = index === selected;
    const tier = node.kind === "note" ? (node.tier === null ? "" : this.model.tierName(node.tier)) : node.kind;
    const act = (): void => (current ? this.open(index) : this.select(index));
    const row = button(
      { "aria-label": this.model.about(index), "data-node": String(index), ...(current ? { "aria-current": "true" } : {}) },
      act,
      element("span", { class: dot(node) }),
      element("span", {}, node.title),
      element("span", { class: "tier-name" }, tier),
      element("span", { class: "number" }, String(node.degree)),
      element("span", { class: "path" }, node.path),
    );
    return element("li", {}, row);
  }
}
