/** The page: takes the data, and keeps picture, list, tier map and details in step. */

import { details } from "./details";
import { byId, element } from "./element";
import { address, hear, inEditor, tell } from "./host";
import { layout, start } from "./layout";
import { legend } from "./legend";
import { List } from "./list";
import { type Data, Model } from "./model";
import { Picture } from "./picture";
import { Tiers } from "./tiers";

type View = "graph" | "list" | "tiers";
const VIEWS: View[] = ["graph", "list", "tiers"];
const VERSION = 1;

const root = document.documentElement;
const filter = byId<HTMLInputElement>("filter");
const help = byId<HTMLDialogElement>("help");
const canvas = byId("picture");

/** In a page that is no wider the legend would hide the graph; the style knows this width, too. */
const NARROW = 700;

/** One graph and all that shows it. */
class Page {
  readonly model: Model;
  readonly list: List;
  readonly tiers: Tiers;
  picture: Picture | undefined;
  view: View = "graph";
  selected: number | undefined;
  /** From which N and P go. */
  #hub: number | undefined;
  #stop: () => void = () => undefined;

  constructor(readonly data: Data) {
    this.model = new Model(data);
    this.list = new List(byId("view-list"), this.model, (node) => this.select(node), (node) => this.open(node));
    this.tiers = new Tiers(byId("view-tiers"), this.model, (path) => this.openPath(path));
    const center = data.center === undefined ? undefined : data.nodes[data.center];
    const name = center ? `Around ${center.title}` : (data.vault ?? "Vault");
    byId("name").textContent = name;
    document.title = `${name}: graph`;
    byId("tab-tiers").hidden = !data.matrix || data.matrix.tiers.length === 0;
    byId("legend-items").replaceChildren(...legend(this.model, () => this.changed()));
    root.dataset["state"] = "drawing";
    this.draw();
    this.show(data.view === "tiers" ? "tiers" : "graph");
    this.changed();
  }

  private draw(): void {
    const at = start(this.data);
    canvas.replaceChildren();
    try {
      this.picture = new Picture(canvas, this.model, at, {
        select: (node) => {
          this.select(node, false);
          if (node !== undefined && inEditor) this.open(node);
        },
        open: (node) => {
          if (!inEditor) this.open(node);
        },
      });
    } catch (error) {
      console.warn("the graph cannot be drawn:", error);
      byId("no-picture").hidden = false;
      root.dataset["state"] = "settled";
      return;
    }
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#stop = layout(this.data, at, (positions, done) => {
      if (done || !still) this.picture?.move(positions);
      if (!done) return;
      root.dataset["state"] = "settled";
      this.changed();
    });
  }

  show(view: View): void {
    this.view = view;
    for (const other of VIEWS) {
      const tab = byId(`tab-${other}`);
      const own = other === view;
      tab.setAttribute("aria-selected", String(own));
      tab.tabIndex = own ? 0 : -1;
      byId(`view-${other}`).hidden = !own;
    }
    root.dataset["view"] = view;
    if (view === "graph") this.picture?.refresh();
    this.render();
  }

  /** What is shown is another: the filter or the legend was changed. */
  changed(): void {
    if (this.selected !== undefined && this.model.nodeShown[this.selected] !== 1) this.select(undefined);
    const rest = this.picture?.filtered() ?? 0;
    byId("drawn").textContent = rest > 0 ? `${rest} of the links are not drawn: select a note to see all of its own, or filter.` : "";
    this.render();
    const { nodes, leftOut } = this.data;
    const links = this.data.edges.reduce((sum, edge, index) => sum + (this.model.edgeShown[index] === 1 ? edge.count : 0), 0);
    const { shown } = this.model;
    const count = shown === nodes.length ? `${shown}` : `${shown} of ${nodes.length}`;
    const busy = root.dataset["state"] === "drawing" ? "; arranging them …" : "";
    const others = leftOut > 0 ? `; ${leftOut} more are left out` : "";
    byId("status").textContent = `${count} notes and files, ${links === 1 ? "1 link" : `${links} links`}${others}${busy}`;
    root.dataset["shown"] = String(shown);
    root.dataset["nodes"] = String(nodes.length);
  }

  private render(): void {
    if (this.view === "list") this.list.render(this.selected);
    if (this.view === "tiers") this.tiers.render();
    if (this.selected !== undefined) this.renderDetails(this.selected);
  }

  select(node: number | undefined, into = true, hub = node): void {
    if (node !== undefined && this.model.nodeShown[node] !== 1) return;
    this.selected = node;
    this.#hub = hub;
    this.picture?.select(node, into);
    byId("details").hidden = node === undefined;
    root.dataset["selected"] = node === undefined ? "" : (this.data.nodes[node]?.path ?? "");
    byId("said").textContent = node === undefined ? "" : this.model.about(node);
    if (node !== undefined) this.renderDetails(node);
    if (this.view === "list") this.mark(node);
  }

  private renderDetails(node: number): void {
    const acts = {
      select: (other: number) => this.select(other),
      open: (other: number) => this.open(other),
      center: (other: number) => tell({ type: "center", path: this.data.nodes[other]?.path }),
      close: () => {
        this.select(undefined);
        if (this.view === "graph") canvas.focus();
      },
      address: (path: string) => address(this.data.base ?? ".", path),
    };
    byId("details").replaceChildren(...details(this.model, node, acts));
  }

  /** Shows in the list which node is selected, and leaves the focus where it is. */
  private mark(node: number | undefined): void {
    const focused = document.activeElement?.getAttribute("data-node");
    this.list.render(node);
    if (focused) byId("view-list").querySelector<HTMLElement>(`[data-node="${focused}"]`)?.focus();
  }

  open(node: number): void {
    const found = this.data.nodes[node];
    if (!found) return;
    if (found.kind === "missing") byId("said").textContent = `${found.title} is not there`;
    else this.openPath(found.path);
  }

  private openPath(path: string): void {
    if (inEditor) {
      tell({ type: "open", path });
      return;
    }
    const href = address(this.data.base ?? ".", path);
    element("a", { href, target: "_blank", rel: "noopener noreferrer" }).click();
  }

  /** The shown node after this one or before it, best linked first. */
  private step(from: number | undefined, by: 1 | -1): number | undefined {
    const { length } = this.data.nodes;
    let at = from === undefined ? (by > 0 ? 0 : length - 1) : from + by;
    while (at >= 0 && at < length && this.model.nodeShown[at] !== 1) at += by;
    return at >= 0 && at < length ? at : undefined;
  }

  /** Keys in the picture; whether the key was taken. */
  pictureKey(event: KeyboardEvent): boolean {
    const arrows: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const way = arrows[event.key];
    const { selected, picture } = this;
    if (way) {
      const next = selected === undefined ? this.step(undefined, 1) : picture?.towards(selected, ...way);
      if (next !== undefined) this.select(next);
      return true;
    }
    switch (event.key) {
      case "Tab": {
        // With nothing selected Tab leaves, as it does behind the last one.
        const next = selected === undefined ? undefined : this.step(selected, event.shiftKey ? -1 : 1);
        if (next !== undefined) this.select(next);
        return next !== undefined;
      }
      case "Enter":
        if (selected !== undefined) this.open(selected);
        return true;
      case "n":
      case "p":
        this.neighbor(event.key === "n" ? 1 : -1);
        return true;
      case "+":
      case "=":
        picture?.zoom("in");
        return true;
      case "-":
        picture?.zoom("out");
        return true;
      case "0":
        picture?.zoom("fit");
        return true;
      default:
        return false;
    }
  }

  private neighbor(by: 1 | -1): void {
    const hub = this.#hub;
    if (hub === undefined) return;
    const near = this.model.neighbors(hub);
    if (near.length === 0) return;
    const at = this.selected === undefined ? -1 : near.indexOf(this.selected);
    const next = at < 0 && by < 0 ? near.length - 1 : (at + by + near.length) % near.length;
    this.select(near[next], true, hub);
  }

  end(): void {
    this.#stop();
    this.picture?.end();
  }
}

let page: Page | undefined;

function take(data: Data): void {
  if (data.version !== VERSION) {
    byId("status").textContent = `The data has version ${data.version}, and this page reads version ${VERSION}.`;
    return;
  }
  page?.end();
  page = new Page(data);
  page.model.query = filter.value;
  page.changed();
}

function keys(event: KeyboardEvent): void {
  if (!page || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const target = event.target as HTMLElement;
  if (event.key === "Escape") {
    if (target === filter && filter.value !== "") filter.value = "";
    else if (target === filter) canvas.focus();
    else page.select(undefined);
    page.model.query = filter.value;
    page.changed();
    return;
  }
  if (target instanceof HTMLInputElement && target.type !== "checkbox") return;
  if (target === canvas && page.pictureKey(event)) {
    event.preventDefault();
    return;
  }
  const views: Record<string, View> = { g: "graph", l: "list", t: "tiers" };
  const view = views[event.key];
  if (event.key === "/") filter.focus();
  else if (event.key === "?") help.showModal();
  else if (view && !byId(`tab-${view}`).hidden) page.show(view);
  else return;
  event.preventDefault();
}

function listen(): void {
  byId<HTMLDetailsElement>("legend").open = innerWidth > NARROW;
  document.addEventListener("keydown", keys);
  let timer = 0;
  filter.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (!page) return;
      page.model.query = filter.value;
      page.changed();
    }, 80);
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && page) (page.view === "graph" ? canvas : byId(`view-${page.view}`).querySelector("button"))?.focus();
  });
  for (const view of VIEWS) {
    const tab = byId(`tab-${view}`);
    tab.addEventListener("click", () => page?.show(view));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const open = VIEWS.filter((other) => !byId(`tab-${other}`).hidden);
      const next = open[(open.indexOf(view) + by + open.length) % open.length];
      if (!next) return;
      page?.show(next);
      byId(`tab-${next}`).focus();
    });
  }
  for (const how of ["in", "out", "fit"] as const) byId(`zoom-${how}`).addEventListener("click", () => page?.picture?.zoom(how));
  byId("help-button").addEventListener("click", () => help.showModal());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page?.picture?.recolor());
  new MutationObserver(() => page?.picture?.recolor()).observe(document.body, { attributeFilter: ["class"] });
}

listen();
hear((message) => {
  if (message.type === "graph") take(message["data"] as Data);
  if (message.type === "select" && page) {
    const node = page.data.nodes.findIndex((node) => node.path === message["path"]);
    page.select(node < 0 ? undefined : node);
  }
});
const text = byId("data").textContent ?? "";
// An editor may take the page without data, and send them.
if (text.trim().startsWith("{")) take(JSON.parse(text) as Data);
tell({ type: "ready" });
