/** Styles as text inside the scripts, minified, what they import included. */

import { build } from "esbuild";

export const minifiedCss = {
  name: "minified-css-as-text",
  setup(bundler) {
    bundler.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        minify: true,
        write: false,
        charset: "utf8",
        target: "es2022",
      });
      return { contents: outputFiles[0].text, loader: "text" };
    });
  },
};
