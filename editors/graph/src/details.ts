/** What is known of the selected node, beside the picture. */

import { button, dot, element } from "./element";
import { inEditor } from "./host";
import type { Model } from "./model";

/** Of so many neighbors the names are listed. */
const MOST = 100;

export interface Acts {
  select(node: number): void;
  open(node: number): void;
  center(node: number): void;
  close(): void;
  address(path: string): string;
}

export function details(model: Model, index: number, acts: Acts): HTMLElement[] {
  const { nodes, edges } = model.data;
  const node = nodes[index];
  if (!node) return [];
  const about = { note: "Note", attachment: "File", missing: "Not there: links name it" }[node.kind];
  const tier = node.tier === null ? "" : ` in ${model.tierName(node.tier)}`;
  const copies = node.copies?.map((copy) => model.tierName(copy)).join(", ");
  const actions = element("div", { class: "actions" });
  if (node.kind !== "missing") {
    if (inEditor) {
      actions.append(button({ id: "open" }, () => acts.open(index), "Open"));
      actions.append(button({}, () => acts.center(index), "Show what is around it"));
    } else {
      const link = { id: "open", href: acts.address(node.path), target: "_blank", rel: "noopener noreferrer" };
      actions.append(element("a", link, "Open the file"));
    }
  }
  actions.append(button({ "aria-label": "Close the details" }, () => acts.close(), "Close"));
  const parts: HTMLElement[] = [
    element("h2", {}, node.title),
    element("p", {}, `${about}${tier}`),
    element("p", { id: "path" }, node.path),
    ...(copies ? [element("p", {}, `Copies: ${copies}`)] : []),
    actions,
  ];
  const list = (title: string, from: boolean): void => {
    const near = new Map<number, string[]>();
    for (const at of model.edgesOf[index] ?? []) {
      const edge = edges[at];
      if (!edge || model.edgeShown[at] !== 1 || (from ? edge.from : edge.to) !== index) continue;
      const other = from ? edge.to : edge.from;
      const words = near.get(other) ?? [];
      words.push(edge.count > 1 ? `${edge.class} ×${edge.count}` : edge.class);
      near.set(other, words);
    }
    if (near.size === 0) return;
    const sorted = [...near].sort((left, right) => left[0] - right[0]);
    const items = sorted.slice(0, MOST).map(([other, words]) => {
      const target = nodes[other];
      if (!target) return element("li");
      const name = element("span", {}, target.title);
      const classes = element("span", { class: "count" }, words.join(", "));
      return element("li", {}, button({}, () => acts.select(other), element("span", { class: dot(target) }), name, classes));
    });
    const rest = sorted.length > MOST ? [element("p", {}, `and ${sorted.length - MOST} more`)] : [];
    parts.push(element("h3", {}, `${title} (${sorted.length})`), element("ul", {}, ...items), ...rest);
  };
  list("Links to", true);
  list("Linked from", false);
  return parts;
}
