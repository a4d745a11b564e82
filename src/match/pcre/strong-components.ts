/** Strongly connected components of a graph (Tarjan), without recursion. Stage: load. */

/** The components of the nodes 0, 1, ... with these successors; one that others lead to comes before them. */
export function stronglyConnected(successors: readonly (readonly number[])[]): number[][] {
  const size = successors.length;
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const isOpen = new Uint8Array(size);
  const nextChild = new Int32Array(size);
  const open: number[] = [];
  const components: number[][] = [];
  let count = 0;

  function enter(node: number, path: number[]): void {
    index[node] = low[node] = count++;
    isOpen[node] = 1;
    open.push(node);
    path.push(node);
  }

  function leave(node: number): void {
    if (low[node] !== index[node]) return;
    const component = open.splice(open.indexOf(node));
    for (const member of component) isOpen[member] = 0;
    components.push(component);
  }

  for (let root = 0; root < size; root++) {
    if (index[root] !== -1) continue;
    const path: number[] = [];
    enter(root, path);
    while (path.length > 0) {
      const node = path.at(-1)!;
      const child = successors[node]![nextChild[node]++];
      if (child === undefined) {
        path.pop();
        leave(node);
        const parent = path.at(-1);
        if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
      } else if (index[child] === -1) {
        enter(child, path);
      } else if (isOpen[child] === 1) {
        low[node] = Math.min(low[node]!, index[child]!);
      }
    }
  }
  return components;
}
