/** The legend: what colors mean, and what is hidden. */

import { element } from "./element";
import { CLASSES, KINDS, type Model } from "./model";

const CLASS_WORDS = {
  link: "link",
  embed: "embed",
  property: "property",
  tier: "tier section",
  missing: "to what is missing",
};

export function legend(model: Model, changed: () => void): HTMLElement[] {
  const { nodes, edges, tiers } = model.data;
  const counts = new Map<string, number>();
  const add = (key: string, count: number): void => void counts.set(key, (counts.get(key) ?? 0) + count);
  for (const node of nodes) add(node.kind === "note" ? `tier:${node.tier}` : `kind:${node.kind}`, 1);
  for (const edge of edges) add(`class:${edge.class}`, edge.count);
  const row = (key: string, mark: string, text: string): HTMLElement[] => {
    const count = counts.get(key);
    if (count === undefined) return [];
    const box = element("input", { type: "checkbox", "data-key": key });
    box.checked = !model.hidden.has(key);
    box.addEventListener("change", () => {
      if (box.checked) model.hidden.delete(key);
      else model.hidden.add(key);
      model.filter();
      changed();
    });
    const number = element("span", { class: "count" }, String(count));
    return [element("label", {}, box, element("span", { class: mark }), text, number)];
  };
  const ofTiers = tiers.flatMap((tier, index) => row(`tier:${index}`, `dot tier-${Math.min(index, 6)}`, tier.folder));
  const none = row("tier:null", "dot", tiers.length > 0 ? "in no tier" : "notes");
  const words = { note: "notes", attachment: "other files", missing: "missing" };
  const kinds = KINDS.flatMap((kind) => row(`kind:${kind}`, `dot kind-${kind}`, words[kind]));
  const classes = CLASSES.flatMap((name) => row(`class:${name}`, `stroke class-${name}`, CLASS_WORDS[name]));
  return [
    element("h2", {}, tiers.length > 0 ? "Notes by tier" : "Notes"),
    ...ofTiers,
    ...none,
    ...kinds,
    ...(classes.length > 0 ? [element("h2", {}, "Links")] : []),
    ...classes,
  ];
}
