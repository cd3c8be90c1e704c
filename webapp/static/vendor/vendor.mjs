// Copies what the platform takes from npm into webapp/static, and writes down licence, version and sha384.
// Run with `npm ci --ignore-scripts && npm run vendor`; the result is committed, so no server needs Node.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import mexico from "@svg-maps/mexico";

const here = new URL("./", import.meta.url);
const modules = new URL("../../../node_modules/", here);
const version = (name) => JSON.parse(readFileSync(new URL(`${name}/package.json`, modules))).version;

/** One <symbol> per name of icons.txt. Presentation stays with the page: stroke and size come from CSS. */
function sprite() {
  const names = readFileSync(new URL("icons.txt", here), "utf8").split(/\s+/).filter(Boolean);
  const symbols = names.map((name) => {
    const source = readFileSync(new URL(`lucide-static/icons/${name}.svg`, modules), "utf8");
    const shapes = source.replace(/<!--.*?-->/gs, "").replace(/<\/?svg[^>]*>/g, "").replace(/\s+/g, " ").replaceAll(" />", "/>").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replaceAll("> <", "><")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide ${version("lucide-static")}, ISC: vendor/LICENSE-lucide.txt -->\n${symbols.join("\n")}\n</svg>\n`;
}

/**
 * The outline with one decimal (a map unit is about 4 km). The source steps from point to point, so the steps are
 * taken between rounded points: rounding the steps themselves would let neighbours drift apart along a long border.
 */
function rounded(path) {
  const tokens = path.match(/[a-z]|-?\d*\.?\d+/gi);
  const out = [];
  let [x, y, startX, startY, penX, penY] = [0, 0, 0, 0, 0, 0];
  for (let at = 0, command = ""; at < tokens.length; ) {
    if (/[a-z]/i.test(tokens[at])) command = tokens[at++];
    if (command === "z" || command === "Z") {
      [x, y, penX, penY] = [startX, startY, Math.round(startX * 10), Math.round(startY * 10)];
      out.push("z");
      continue;
    }
    if (!"mMlL".includes(command)) throw new Error(`unexpected command ${command}`);
    const absolute = command === command.toUpperCase();
    x = Number(tokens[at++]) + (absolute ? 0 : x);
    y = Number(tokens[at++]) + (absolute ? 0 : y);
    const [nextX, nextY] = [Math.round(x * 10), Math.round(y * 10)];
    const moves = command.toLowerCase() === "m";
    if (moves) [startX, startY] = [x, y];
    if (moves || nextX !== penX || nextY !== penY) {
      out.push(`${moves ? "m" : "l"}${(nextX - penX) / 10},${(nextY - penY) / 10}`);
      [penX, penY] = [nextX, nextY];
    }
    command = absolute ? "L" : "l";
  }
  return out.join("");
}

function map() {
  const paths = mexico.locations.map(({ id, path }) => `<path id="MX-${id.toUpperCase()}" d="${rounded(path)}"/>`).sort();
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${mexico.viewBox}">` +
    `<!-- @svg-maps/mexico ${version("@svg-maps/mexico")}, CC BY 4.0, coordinates rounded: vendor/LICENSE-svg-maps-mexico.txt -->\n` +
    `<defs>\n${paths.join("\n")}\n</defs>\n</svg>\n`
  );
}

function write(name, content) {
  mkdirSync(new URL("./", new URL(`../${name}`, here)), { recursive: true });
  writeFileSync(new URL(`../${name}`, here), content);
  return { sha384: createHash("sha384").update(content).digest("base64"), bytes: Buffer.byteLength(content) };
}

const licence = (name, target) => write(`vendor/${target}`, readFileSync(new URL(name, modules), "utf8")) && `vendor/${target}`;
/** A file as its package has it, apart from the pointer to a source map that is not copied. */
function copied(from, to, changes = "None, apart from the pointer to its source map.") {
  const [package_, ...path] = from.split("/");
  const bytes = readFileSync(new URL(from, modules));
  const script = path.at(-1).endsWith(".js");
  return {
    file: to,
    package: package_,
    licence: "MIT",
    licence_file: licence(`${package_}/LICENSE`, `LICENSE-${package_}.txt`),
    changes: script ? changes : "None.",
    content: script ? bytes.toString("utf8").replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n") : bytes,
  };
}

const H5P = [
  "main.bundle.js", "frame.bundle.js", "styles/h5p.css", "images/h5p.svg", "images/throbber.gif",
  // Of its letters only the icons: texts are set in the letters of the reader's own system.
  "fonts/h5p-core-30.woff2", "fonts/h5p-theme.woff2",
];
const files = [
  {
    file: "icons.svg",
    package: "lucide-static",
    licence: "ISC",
    licence_file: licence("lucide-static/LICENSE", "LICENSE-lucide.txt"),
    changes: "Selection of vendor/icons.txt gathered in one sprite.",
    content: sprite(),
  },
  {
    file: "vendor/mexico.svg",
    package: "@svg-maps/mexico",
    licence: "CC-BY-4.0",
    licence_file: licence("@svg-maps/mexico/LICENSE.md", "LICENSE-svg-maps-mexico.txt"),
    changes: "Ids by ISO 3166-2, coordinates rounded to one decimal.",
    content: map(),
  },
  ...["scorm12.min.js", "scorm2004.min.js"].map((name) => copied(`scorm-again/dist/${name}`, `vendor/scorm-again/${name}`)),
  ...H5P.map((name) => copied(`h5p-standalone/dist/${name}`, `vendor/h5p-standalone/${name}`)),
].map(({ content, ...entry }) => ({ ...entry, version: version(entry.package), ...write(entry.file, content) }));
writeFileSync(new URL("manifest.json", here), JSON.stringify({ files }, null, 2) + "\n");
console.log(`${files.length} files written beside ${fileURLToPath(here)}`);
