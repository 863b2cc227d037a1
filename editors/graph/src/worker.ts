/** Lays a graph out, off the page's thread: ForceAtlas2, a fixed number of steps. */

import iterate from "graphology-layout-forceatlas2/iterate";

export interface Work {
  nodes: Float32Array;
  edges: Float32Array;
  settings: Record<string, unknown>;
  steps: number;
}

/** Numbers for each node in the matrix of the layout. */
const PER_NODE = 10;
/** Milliseconds between two answers. */
const PAUSE = 200;

const positions = (nodes: Float32Array): Float32Array => {
  const found = new Float32Array((nodes.length / PER_NODE) * 2);
  for (let node = 0; node < found.length / 2; node++) {
    found[node * 2] = nodes[node * PER_NODE] ?? 0;
    found[node * 2 + 1] = nodes[node * PER_NODE + 1] ?? 0;
  }
  return found;
};

self.onmessage = (event: MessageEvent<Work>) => {
  const { nodes, edges, settings, steps } = event.data;
  let told = performance.now();
  for (let step = 0; step < steps; step++) {
    iterate(settings, nodes, edges);
    if (performance.now() - told > PAUSE) {
      self.postMessage({ positions: positions(nodes), done: false });
      told = performance.now();
    }
  }
  self.postMessage({ positions: positions(nodes), done: true });
};
