"""Pages that docusaurus-openapi-docs generates from OpenAPI: what its components show of the data they are given.

`names` tells its components from others, `components` writes them, `schemas` writes JSON schemas as nested lists, and
`front_matter` reads the operation that each page carries packed in its head.

Source:
    PaloAltoNetworks/docusaurus-openapi-docs 5.2, `packages/docusaurus-theme-openapi-docs/src/{theme,markdown}`.
"""
