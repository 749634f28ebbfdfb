"""From what a caller named to a `Source`: `opening` unpacks (`archive`), recognises, and opens one of the two readers.

`source_tree` reads Markdown and settings, `built_site` the HTML that `docusaurus build` made.
"""
