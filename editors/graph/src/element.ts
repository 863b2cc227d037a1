/** Elements are made from text alone, never from HTML: names may hold anything. */

type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(attributes: Record<string, string>, act: () => void, ...children: Child[]): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", act);
  return made;
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found as T;
}

/** The class of the dot of a node. */
export const dot = (node: { kind: string; tier: number | null }): string => {
  if (node.kind !== "note") return `dot kind-${node.kind}`;
  return node.tier === null ? "dot" : `dot tier-${Math.min(node.tier, 6)}`;
};
