/** The graph as a picture, drawn by sigma on WebGL. */

import Graph from "graphology";
import Sigma from "sigma";
import type { Settings } from "sigma/settings";

import type { Class, Model, Node } from "./model";

/** With more links than this, what the mouse is over does not fade the others. */
const MANY_EDGES = 15_000;
/** With more links than this, they have no arrows. */
const MANY_ARROWS = 4_000;
/** At most so many links are drawn when no note is selected: more are a fog. */
const MOST_DRAWN = 6_000;
/** With more links than this, those of one note are thin. */
const MANY_OWN = 200;
/** Of at most so many neighbors all names are shown. */
const FEW = 40;

/** The height of letters. */
const LETTERS = 13;

/** The name of a node, and where it goes. */
interface Label {
  context: CanvasRenderingContext2D;
  x: number;
  y: number;
  size: number;
  label?: string | null;
}

const shortened = (text: string): string => (text.length > 44 ? `${text.slice(0, 42)}…` : text);

export interface Events {
  select(node: number | undefined): void;
  open(node: number): void;
}

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

/** The colors of the style sheet, as sigma takes them. */
class Colors {
  readonly back = this.value("--back");
  readonly text = this.value("--text");
  readonly faint: string;
  readonly noTier = this.value("--no-tier");
  readonly attachment = this.value("--attachment");
  readonly missing = this.value("--missing");
  readonly tiers = [0, 1, 2, 3, 4, 5, 6].map((tier) => this.value(`--tier-${tier}`));
  readonly classes: Record<Class, string>;
  readonly strong: Record<Class, string>;

  /** Of many links, each is faint. */
  constructor(edges: number) {
    const names = { link: "--link", embed: "--embed", property: "--property", tier: "--tier", missing: "--missing-link" };
    const of = (strength: number): Record<Class, string> => {
      const pairs = Object.entries(names).map(([name, variable]) => [name, this.value(variable, strength)]);
      return Object.fromEntries(pairs) as Record<Class, string>;
    };
    this.classes = of(edges > MANY_ARROWS ? 0.4 : 0.75);
    this.strong = of(1);
    this.faint = this.value("--no-tier", 0.18);
  }

  /** The color of a variable, mixed into the background: where lines cross, drawn
   * ones that let others through would add up to other colors. */
  private value(variable: string, strength = 1): string {
    const [own, back] = [this.rgb(variable), this.rgb("--back")];
    const mixed = own.map((part, index) => Math.round(part * strength + (back[index] ?? 0) * (1 - strength)));
    return `rgb(${mixed.join(",")})`;
  }

  /** Red, green and blue of a variable: editors may write it in any way. */
  private rgb(variable: string): number[] {
    const probe = document.createElement("span");
    probe.style.color = `var(${variable})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color.match(/[\d.]+/g) ?? ["128", "128", "128"];
    probe.remove();
    return found.slice(0, 3).map(Number);
  }

  node(node: Node): string {
    if (node.kind === "missing") return this.missing;
    if (node.kind === "attachment") return this.attachment;
    return node.tier === null ? this.noTier : (this.tiers[Math.min(node.tier, 6)] ?? this.noTier);
  }
}

export class Picture {
  #graph = new Graph({ multi: true, type: "directed" });
  #sigma: Sigma;
  #colors: Colors;
  #selected: number | undefined;
  #hovered: number | undefined;
  #near = new Set<number>();
  /** The edges, those among the best linked nodes first. */
  #order: Uint32Array;
  #drawn: Uint8Array;
  /** The names of one drawing. */
  #labels: Label[] = [];
  #family = getComputedStyle(document.body).fontFamily;
  #observer: ResizeObserver;

  constructor(
    readonly container: HTMLElement,
    readonly model: Model,
    positions: Float32Array,
    readonly events: Events,
  ) {
    const { nodes, edges } = model.data;
    this.#colors = new Colors(edges.length);
    const most = Math.sqrt(Math.max(1, ...nodes.slice(0, 2_000).map((node) => node.degree)));
    const [least, range] = nodes.length > 2_000 ? [1.3, 9] : nodes.length > 200 ? [3, 11] : [5, 11];
    nodes.forEach((node, index) => {
      const size = least + (range * Math.sqrt(node.degree)) / most;
      this.#graph.addNode(index, {
        x: positions[index * 2],
        y: positions[index * 2 + 1],
        size: node.kind === "note" ? size : Math.max(least, size * 0.7),
        label: node.title,
      });
    });
    const rank = (index: number): number => Math.max(edges[index]?.from ?? 0, edges[index]?.to ?? 0);
    this.#order = Uint32Array.from(edges.keys()).sort((left, right) => rank(left) - rank(right));
    this.#drawn = new Uint8Array(edges.length);
    this.choose();
    const type = edges.length > MANY_ARROWS ? "line" : "arrow";
    const base = edges.length > 10_000 ? 0.3 : edges.length > 1_000 ? 0.9 : 1.4;
    edges.forEach((edge, index) => {
      const size = base * (1 + Math.min(2, Math.log2(edge.count) / 3));
      this.#graph.addEdgeWithKey(index, edge.from, edge.to, { size, type });
    });
    this.#sigma = new Sigma(this.#graph, container, this.settings());
    this.listen();
    this.#observer = new ResizeObserver(() => {
      this.#sigma.resize();
      this.refresh();
    });
    this.#observer.observe(container);
  }

  private settings(): Partial<Settings> {
    const { nodes, edges } = this.model.data;
    const few = nodes.length <= 150;
    return {
      allowInvalidContainer: true,
      hideEdgesOnMove: edges.length > 40_000,
      labelDensity: few ? 4 : 0.8,
      labelGridCellSize: few ? 90 : 130,
      labelRenderedSizeThreshold: few ? 0 : 5,
      maxCameraRatio: 4,
      minCameraRatio: 0.005,
      stagePadding: 45,
      zIndex: true,
      doubleClickZoomingRatio: 1,
      // That of the selected one is written last.
      defaultDrawNodeLabel: (context, data) => void (data.highlighted || this.#labels.push({ context, ...data })),
      defaultDrawNodeHover: (context, data) => {
        context.beginPath();
        context.arc(data.x, data.y, data.size + 3, 0, Math.PI * 2);
        context.lineWidth = 2.5;
        context.strokeStyle = this.#colors.text;
        context.stroke();
        this.write({ context, ...data }, 600);
      },
      nodeReducer: (key) => {
        const index = Number(key);
        const node = this.model.data.nodes[index];
        if (!node || this.model.nodeShown[index] !== 1) return { ...this.plain(index), hidden: true };
        const focus = this.focus;
        const color = this.#colors.node(node);
        if (focus === undefined) return { ...this.plain(index), color, zIndex: 1 };
        const own = index === focus;
        if (!own && !this.#near.has(index)) return { ...this.plain(index), color: this.#colors.faint, label: null, zIndex: 0 };
        const forceLabel = own || this.#near.size <= FEW;
        return { ...this.plain(index), color, forceLabel, highlighted: own, zIndex: own ? 3 : 2 };
      },
      edgeReducer: (key) => {
        const index = Number(key);
        const edge = this.model.data.edges[index];
        if (!edge || this.model.edgeShown[index] !== 1) return { hidden: true };
        const data = this.#graph.getEdgeAttributes(index);
        const focus = this.focus;
        if (focus === undefined && this.#drawn[index] !== 1) return { hidden: true };
        if (focus === undefined) return { ...data, color: this.#colors.classes[edge.class], zIndex: 0 };
        const own = edge.from === focus || edge.to === focus;
        if (!own) return { hidden: true };
        const many = this.#near.size > MANY_OWN;
        const size = many ? 0.4 : Math.max(1.4, Number(data["size"]));
        return { ...data, size, color: (many ? this.#colors.classes : this.#colors.strong)[edge.class], zIndex: 1 };
      },
    };
  }

  /** Writes the names that sigma wants to be shown, where they do not hide one
   * another: those of large nodes first. */
  private writeAll(): void {
    const taken: [number, number, number, number][] = [];
    for (const label of this.#labels.splice(0).sort((left, right) => right.size - left.size)) {
      const [left, top] = [label.x - label.size, label.y - LETTERS];
      label.context.font = this.font(400);
      const right = label.x + label.size + 6 + label.context.measureText(shortened(label.label ?? "")).width;
      const bottom = label.y + LETTERS * 0.6;
      const hides = taken.some((box) => left < box[2] && box[0] < right && top < box[3] && box[1] < bottom);
      if (hides) continue;
      taken.push([left, top, right, bottom]);
      this.write(label, 400);
    }
  }

  private write({ context, x, y, size, label }: Label, weight: number): void {
    if (!label) return;
    const text = shortened(label);
    const [left, base] = [x + size + 4, y + LETTERS / 3];
    context.font = this.font(weight);
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = this.#colors.back;
    context.strokeText(text, left, base);
    context.fillStyle = this.#colors.text;
    context.fillText(text, left, base);
  }

  private font(weight: number): string {
    return `${weight} ${LETTERS}px ${this.#family}`;
  }

  private plain(index: number): Record<string, unknown> {
    return this.#graph.getNodeAttributes(index);
  }

  private get focus(): number | undefined {
    return this.#hovered ?? this.#selected;
  }

  private refocus(): void {
    this.#near = new Set(this.focus === undefined ? [] : this.model.neighbors(this.focus));
    this.refresh();
  }

  private listen(): void {
    this.#sigma.on("beforeRender", () => void (this.#labels = []));
    this.#sigma.on("afterRender", () => this.writeAll());
    const mouse = this.model.data.edges.length <= MANY_EDGES;
    this.#sigma.on("clickNode", ({ node, event }) => {
      event.preventSigmaDefault();
      this.clicked(Number(node));
    });
    this.#sigma.on("clickStage", () => this.events.select(undefined));
    this.#sigma.on("enterNode", ({ node }) => {
      this.container.classList.add("over");
      if (!mouse) return;
      this.#hovered = Number(node);
      this.refocus();
    });
    this.#sigma.on("leaveNode", () => {
      this.container.classList.remove("over");
      if (!mouse) return;
      this.#hovered = undefined;
      this.refocus();
    });
  }

  private clicked(node: number): void {
    const again = this.#selected === node;
    this.events.select(node);
    if (again) this.events.open(node);
  }

  /** Chooses the edges that are drawn; gives the number of those that are not. */
  private choose(): number {
    let left = MOST_DRAWN;
    let rest = 0;
    for (const index of this.#order) {
      const shown = this.model.edgeShown[index] === 1;
      this.#drawn[index] = shown && left > 0 ? 1 : 0;
      if (shown && left > 0) left--;
      else if (shown) rest++;
    }
    return rest;
  }

  /** Draws anew what the filter left; gives the number of edges that are not drawn. */
  filtered(): number {
    const rest = this.choose();
    this.refresh();
    return rest;
  }

  /** Draws anew what is shown of the same nodes and edges. */
  refresh(): void {
    if (this.container.clientWidth > 0) this.#sigma.refresh({ skipIndexation: false });
  }

  /** Takes the colors of another style. */
  recolor(): void {
    this.#colors = new Colors(this.model.data.edges.length);
    this.refresh();
  }

  move(positions: Float32Array): void {
    this.#graph.updateEachNodeAttributes(
      (key, data) => {
        const index = Number(key);
        data["x"] = positions[index * 2];
        data["y"] = positions[index * 2 + 1];
        return data;
      },
      { attributes: ["x", "y"] },
    );
  }

  select(node: number | undefined, into: boolean): void {
    this.#selected = node;
    this.#hovered = undefined;
    this.refocus();
    if (node !== undefined && into) this.lookAt(node);
  }

  /** Moves the camera if a node is not well in sight. */
  private lookAt(node: number): void {
    const shown = this.#sigma.getNodeDisplayData(String(node));
    if (!shown) return;
    const { x, y } = this.#sigma.framedGraphToViewport(shown);
    const { width, height } = this.#sigma.getDimensions();
    const inside = x > 60 && y > 60 && x < width - 60 && y < height - 60;
    if (!inside) void this.#sigma.getCamera().animate({ x: shown.x, y: shown.y }, this.motion);
  }

  private get motion(): { duration: number } {
    return { duration: reduced.matches ? 1 : 220 };
  }

  zoom(how: "in" | "out" | "fit"): void {
    const camera = this.#sigma.getCamera();
    if (how === "in") void camera.animatedZoom(this.motion);
    else if (how === "out") void camera.animatedUnzoom(this.motion);
    else void camera.animatedReset(this.motion);
  }

  /** The shown node that is next in a direction on the screen; y goes down. */
  towards(node: number, right: number, down: number): number | undefined {
    const own = this.place(node);
    if (!own) return undefined;
    let best: number | undefined;
    let least = Infinity;
    this.model.nodeShown.forEach((shown, other) => {
      const place = shown === 1 && other !== node ? this.place(other) : undefined;
      if (!place) return;
      const [x, y] = [place.x - own.x, place.y - own.y];
      const along = x * right + y * down;
      const beside = Math.abs(x * down) + Math.abs(y * right);
      const cost = along + 2 * beside;
      if (along > 0 && beside <= along * 1.2 && cost < least) [best, least] = [other, cost];
    });
    return best;
  }

  /** Where a node is, with y going down. */
  place(node: number): { x: number; y: number } | undefined {
    const data = this.#sigma.getNodeDisplayData(String(node));
    return data ? this.#sigma.framedGraphToViewport(data) : undefined;
  }

  end(): void {
    this.#observer.disconnect();
    this.#sigma.kill();
  }
}
