// Puts the page of the graph beside the extension's own code.
import * as fs from "node:fs";

fs.copyFileSync("../graph/dist/graph.html", "dist/graph.html");
