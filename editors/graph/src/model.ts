/** What `vaultmark graph --json` prints, and what of it is shown. */

export const CLASSES = ["link", "embed", "property", "tier", "missing"] as const;
export const KINDS = ["note", "attachment", "missing"] as const;
export type Class = (typeof CLASSES)[number];
export type Kind = (typeof KINDS)[number];

export interface Tier {
  folder: string;
  suffix: string;
  here: boolean;
  public: boolean;
}

export interface Node {
  path: string;
  title: string;
  kind: Kind;
  tier: number | null;
  degree: number;
  distance: number;
  copies?: number[];
}

export interface Edge {
  from: number;
  to: number;
  class: Class;
  count: number;
}

export interface Cell {
  path: string;
  state: "there" | "missing" | "leak";
  leaks?: { target: string; embed: boolean }[];
}

export interface Matrix {
  tiers: number[];
  rows: { base: string; cells: Cell[] }[];
  leftOut: number;
  others: Cell[];
}

export interface Data {
  version: number;
  tiers: Tier[];
  nodes: Node[];
  edges: Edge[];
  leftOut: number;
  elsewhere: number;
  center?: number;
  depth?: number;
  matrix?: Matrix;
  base?: string;
  vault?: string | null;
  view?: "tiers";
}

/** The name of a tier as people say it: `public` for `_public`. */
export const spoken = (tier: Tier): string => tier.folder.replace(/^_/, "");

/** A word of the filter: what it is about, if that is said, and whether it is to be left out. */
interface Word {
  about: "" | "tier" | "class" | "kind" | "state";
  text: string;
  not: boolean;
}

const plain = (text: string): string => text.normalize("NFC").toLowerCase();

function words(query: string): Word[] {
  const parts = query.trim().split(/\s+/).filter((part) => part !== "" && part !== "-");
  return parts.map((part) => {
    const not = part.startsWith("-");
    const rest = not ? part.slice(1) : part;
    const found = /^(tier|class|kind|state):(.*)$/i.exec(rest);
    const about = (found?.[1]?.toLowerCase() ?? "") as Word["about"];
    return { about, text: plain(found?.[2] ?? rest).replace(/^_/, ""), not };
  });
}

/** The nodes and edges, and which of them are shown. */
export class Model {
  /** For each node the edges from it and to it. */
  readonly edgesOf: number[][];
  readonly nodeShown: Uint8Array;
  readonly edgeShown: Uint8Array;
  /** What the legend hides: `tier:2`, `tier:null`, `class:embed`, `kind:missing`. */
  readonly hidden = new Set<string>();
  shown = 0;
  #query = "";
  #texts: string[];

  constructor(readonly data: Data) {
    this.edgesOf = data.nodes.map(() => []);
    data.edges.forEach((edge, index) => {
      this.edgesOf[edge.from]?.push(index);
      this.edgesOf[edge.to]?.push(index);
    });
    this.nodeShown = new Uint8Array(data.nodes.length);
    this.edgeShown = new Uint8Array(data.edges.length);
    this.#texts = data.nodes.map((node) => plain(`${node.title}\n${node.path}`));
    this.filter();
  }

  set query(query: string) {
    this.#query = query;
    this.filter();
  }

  filter(): void {
    const { nodes, edges, tiers } = this.data;
    const wanted = words(this.#query).filter((word) => word.about !== "state");
    const classes = wanted.filter((word) => word.about === "class");
    const fits = (word: Word, text: string): boolean => text.startsWith(word.text) !== word.not;
    const ofNodes = wanted.filter((word) => word.about !== "class");
    const names = tiers.map((tier) => plain(spoken(tier)));
    this.shown = 0;
    nodes.forEach((node, index) => {
      const legend = node.kind === "note" ? `tier:${node.tier}` : `kind:${node.kind}`;
      const all = ofNodes.every((word) => {
        switch (word.about) {
          case "tier": {
            const own = node.copies?.length ? node.copies : [node.tier];
            const some = own.some((tier) => (tier === null ? "none" : (names[tier] ?? "")).startsWith(word.text));
            return some !== word.not;
          }
          case "kind":
            return fits(word, node.kind);
          default:
            return (this.#texts[index] ?? "").includes(word.text) !== word.not;
        }
      });
      this.nodeShown[index] = all && !this.hidden.has(legend) ? 1 : 0;
    });
    edges.forEach((edge, index) => {
      const both = this.nodeShown[edge.from] === 1 && this.nodeShown[edge.to] === 1;
      const all = !this.hidden.has(`class:${edge.class}`) && classes.every((word) => fits(word, edge.class));
      this.edgeShown[index] = both && all ? 1 : 0;
    });
    // Who asks for links of a class wants to see who has them.
    if (classes.some((word) => !word.not)) {
      nodes.forEach((_, index) => {
        const has = this.edgesOf[index]?.some((edge) => this.edgeShown[edge] === 1);
        if (!has) this.nodeShown[index] = 0;
      });
    }
    this.shown = this.nodeShown.reduce((sum, one) => sum + one, 0);
  }

  /** The shown neighbors of a node, best linked first, once each. */
  neighbors(node: number): number[] {
    const near = new Set<number>();
    for (const index of this.edgesOf[node] ?? []) {
      const edge = this.data.edges[index];
      if (edge && this.edgeShown[index] === 1) near.add(edge.from === node ? edge.to : edge.from);
    }
    return [...near].sort((left, right) => left - right);
  }

  /** Whether a family of the tier map fits the filter. */
  rowFits(base: string, cells: Cell[]): boolean {
    const { matrix, tiers } = this.data;
    const text = plain(base);
    return words(this.#query).every((word) => {
      switch (word.about) {
        case "state":
          return cells.some((cell) => cell.state.startsWith(word.text)) !== word.not;
        case "tier": {
          const is = (index: number): boolean => {
            const tier = tiers[matrix?.tiers[index] ?? -1];
            return tier !== undefined && plain(spoken(tier)).startsWith(word.text);
          };
          return cells.some((cell, index) => cell.state !== "missing" && is(index)) !== word.not;
        }
        case "":
          return text.includes(word.text) !== word.not;
        default:
          return true;
      }
    });
  }

  tierName(tier: number | null): string {
    const found = tier === null ? undefined : this.data.tiers[tier];
    return found ? found.folder : "no tier";
  }

  /** What a node is, in words. */
  about(index: number): string {
    const node = this.data.nodes[index];
    if (!node) return "";
    const what = { note: "note", attachment: "file", missing: "not there" }[node.kind];
    const tier = node.tier === null ? "" : `, ${this.tierName(node.tier)}`;
    const links = node.degree === 1 ? "1 link" : `${node.degree} links`;
    return `${node.title}: ${what}${tier}, ${links}`;
  }
}
