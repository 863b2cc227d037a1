declare module "graphology-layout-forceatlas2/iterate" {
  export default function iterate(settings: Record<string, unknown>, nodes: Float32Array, edges: Float32Array): void;
}
declare module "graphology-layout-forceatlas2/defaults" {
  const defaults: Record<string, unknown>;
  export default defaults;
}
/** The code of the worker, put in by the build. */
declare const WORKER: string;
