/** Where the nodes are. The same graph is laid out alike each time: nothing is left to chance. */

import defaults from "graphology-layout-forceatlas2/defaults";

import type { Data } from "./model";
import type { Work } from "./worker";

const PER_NODE = 10;
const PER_EDGE = 3;
/** Each next point of a sunflower turns by so much. */
const TURN = Math.PI * (3 - Math.sqrt(5));

/** Positions to begin with: tiers, or else the top folders, side by side on a circle. */
export function start(data: Data): Float32Array {
  const groups = new Map<string, number[]>();
  data.nodes.forEach((node, index) => {
    const folder = node.path.includes("/") ? (node.path.split("/")[0] ?? "") : "";
    const group = node.tier === null ? `f${folder}` : `t${node.tier}`;
    const known = groups.get(group);
    if (known) known.push(index);
    else groups.set(group, [index]);
  });
  const names = [...groups.keys()].sort();
  const spread = Math.sqrt(data.nodes.length) * 12;
  const found = new Float32Array(data.nodes.length * 2);
  names.forEach((name, place) => {
    const angle = (place / names.length) * 2 * Math.PI;
    const radius = names.length > 1 ? spread : 0;
    const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    groups.get(name)?.forEach((node, step) => {
      const distance = 8 * Math.sqrt(step + 0.5);
      found[node * 2] = x + distance * Math.cos(step * TURN);
      found[node * 2 + 1] = y + distance * Math.sin(step * TURN);
    });
  });
  return found;
}

/** Which nodes have a shown edge. */
function linkedNodes(data: Data): Uint8Array {
  const linked = new Uint8Array(data.nodes.length);
  for (const edge of data.edges) linked[edge.from] = linked[edge.to] = 1;
  return linked;
}

/** Puts nodes without links around the others: forces would drive them far away. */
function ring(data: Data, at: Float32Array): Float32Array {
  const isLinked = linkedNodes(data);
  const alone = data.nodes.flatMap((_, index) => (isLinked[index] ? [] : [index]));
  const away = (index: number): number => Math.hypot(at[index * 2] ?? 0, at[index * 2 + 1] ?? 0);
  const linked = data.nodes.flatMap((_, index) => (isLinked[index] ? [away(index)] : [])).sort((left, right) => left - right);
  if (linked.length === 0) return at;
  const radius = 1.1 * (linked[Math.floor(linked.length * 0.98)] ?? 1) + 1;
  const turn = (2 * Math.PI) / Math.max(alone.length, 12);
  // What hangs together with little is driven away, too.
  for (let node = 0; node < data.nodes.length; node++) {
    const far = Math.max(1, away(node) / radius);
    at[node * 2] = (at[node * 2] ?? 0) / far;
    at[node * 2 + 1] = (at[node * 2 + 1] ?? 0) / far;
  }
  alone.forEach((node, place) => {
    at[node * 2] = radius * Math.cos(place * turn);
    at[node * 2 + 1] = radius * Math.sin(place * turn);
  });
  return at;
}

function work(data: Data, at: Float32Array): Work {
  const count = data.nodes.length;
  const isLinked = linkedNodes(data);
  const nodes = new Float32Array(count * PER_NODE);
  const edges = new Float32Array(data.edges.length * PER_EDGE);
  for (let node = 0; node < count; node++) {
    const first = node * PER_NODE;
    nodes[first] = at[node * 2] ?? 0;
    nodes[first + 1] = at[node * 2 + 1] ?? 0;
    nodes[first + 6] = 1;
    nodes[first + 7] = 1;
    nodes[first + 8] = 1;
    // Nodes without links stay where they are and weigh nearly nothing.
    if (!isLinked[node]) {
      nodes[first + 6] = 0.001;
      nodes[first + 9] = 1;
    }
  }
  data.edges.forEach((edge, index) => {
    // Copies of a note stand together anyway, by what they link.
    const weight = edge.class === "tier" ? 0.3 : Math.min(edge.count, 3);
    const [from, to] = [edge.from * PER_NODE, edge.to * PER_NODE];
    edges.set([from, to, weight], index * PER_EDGE);
    nodes[from + 6] = (nodes[from + 6] ?? 0) + weight;
    nodes[to + 6] = (nodes[to + 6] ?? 0) + weight;
  });
  const settings = {
    ...defaults,
    barnesHutOptimize: count > 400,
    barnesHutTheta: count > 4_000 ? 1.1 : 0.7,
    strongGravityMode: true,
    gravity: 0.12,
    scalingRatio: 14,
    slowDown: 1 + Math.log(count + 1),
  };
  const steps = Math.round(Math.min(600, Math.max(100, 300_000 / (count + 1))));
  return { nodes, edges, settings, steps };
}

/** Lays the graph out; tells positions now and then, and at the end. Gives a way to stop. */
export function layout(data: Data, at: Float32Array, told: (positions: Float32Array, done: boolean) => void): () => void {
  if (data.nodes.length < 2) {
    told(at, true);
    return () => undefined;
  }
  const url = URL.createObjectURL(new Blob([WORKER], { type: "text/javascript" }));
  const worker = new Worker(url);
  const stop = (): void => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
  worker.onmessage = (event: MessageEvent<{ positions: Float32Array; done: boolean }>) => {
    if (event.data.done) stop();
    told(ring(data, event.data.positions), event.data.done);
  };
  // Where there are no workers, the circles are a picture, too.
  worker.onerror = () => {
    stop();
    told(at, true);
  };
  worker.postMessage(work(data, at));
  return stop;
}
