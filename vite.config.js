import { copyFile, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { PurgeCSS } from "purgecss";
import { build, defineConfig } from "vite";

const project = dirname(fileURLToPath(import.meta.url));
const frontend = resolve(project, "src/doorstep/frontend");

// Written by form libraries and scripts rather than in our templates.
const writtenElsewhere = [
  /^(was-validated|is-(in)?valid|(in)?valid-feedback|form-|input-group|alert|btn|visually-hidden)/,
  /^(htmx-|leaflet-|map-|phone-|large-type|show$|active$|disabled$|collapsing$)/,
];

/** The phone's first page is small: of Tabler it carries only what our own pages and scripts name. */
function keepOnlyWhatPhonesUse() {
  return {
    postcssPlugin: "keep-only-what-phones-use",
    async OnceExit(root, { result, postcss }) {
      if (!result.opts.from?.replace(/\?.*/, "").endsWith("phone.css")) return;
      const [purged] = await new PurgeCSS().purge({
        content: [
          `${project}/src/doorstep/**/templates/**/*.html`,
          `${project}/src/doorstep/**/*.py`,
          `${frontend}/{phone.js,patrol.js,modules/**/*.js}`,
        ],
        css: [{ raw: root.toString() }],
        safelist: { standard: writtenElsewhere, deep: [], greedy: [] },
        variables: false,
        keyframes: true,
        fontFace: true,
      });
      root.removeAll();
      root.append(postcss.parse(purged.css, { from: result.opts.from }));
    },
  };
}

/** Pages run no code written in attributes: the content policy forbids it, and so htmx is built without the means. */
function withoutCodeFromText() {
  return {
    name: "without-code-from-text",
    transform(code, id) {
      if (!id.includes("/htmx.org/")) return undefined;
      const refused = code.replace(/\bnew Function\(|(?<![\w.])Function\(|(?<![\w.])eval\(/g, "codeFromText(");
      return { code: `${refused}\nfunction codeFromText() { throw new Error("no code from text"); }\n`, map: null };
    },
  };
}

// WeChat's browser lags some years behind Chromium and Safari.
const target = ["chrome87", "safari14"];

/** Service workers are one file each, without imports: some browsers know no modules there. Pages serve them by name. */
function serviceWorkers(names) {
  return {
    name: "service-workers",
    async closeBundle() {
      for (const name of names) {
        await build({
          configFile: false,
          root: frontend,
          publicDir: false,
          logLevel: "warn",
          build: {
            outDir: resolve(frontend, "dist"),
            emptyOutDir: false,
            target,
            rollupOptions: { input: resolve(frontend, name), output: { format: "iife", entryFileNames: name } },
          },
        });
      }
    },
  };
}

/** The server sets papers with these. The folder is hidden, so that they are not among the files browsers are served. */
function fontsOfPapers(weights) {
  return {
    name: "fonts-of-papers",
    async closeBundle() {
      const folder = resolve(frontend, "dist/.paper-fonts");
      const fonts = resolve(project, "node_modules/@expo-google-fonts/noto-sans-sc");
      await mkdir(folder, { recursive: true });
      for (const weight of weights) {
        const name = `NotoSansSC_${weight}.ttf`;
        await copyFile(resolve(fonts, weight, name), resolve(folder, name));
      }
      await copyFile(resolve(fonts, "LICENSE_FONT"), resolve(folder, "LICENSE_FONT"));
    },
  };
}

export default defineConfig({
  plugins: [withoutCodeFromText(), serviceWorkers(["patrol-worker.js"]), fontsOfPapers(["400Regular", "700Bold"])],
  root: frontend,
  base: "./",
  publicDir: false,
  css: { postcss: { plugins: [keepOnlyWhatPhonesUse()] }, transformer: "postcss" },
  build: {
    outDir: resolve(frontend, "dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      checks: { pluginTimings: false },
      input: {
        desk: resolve(frontend, "desk.js"),
        phone: resolve(frontend, "phone.js"),
        sw: resolve(frontend, "sw.js"),
        patrol: resolve(frontend, "patrol.js"),
      },
      output: {
        // Twelve hexadecimal digits: the form in which whitenoise recognises files that never change.
        hashCharacters: "hex",
        entryFileNames: "assets/[name].[hash:12].js",
        chunkFileNames: "assets/[name].[hash:12].js",
        assetFileNames: "assets/[name].[hash:12][extname]",
      },
    },
  },
});
