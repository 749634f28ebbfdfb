"""Pages read from a site's Markdown and settings, without Node, as Docusaurus would build them.

`source` calls the rooms in this order: `settings` (what the config decides), `routing` (which pages there are, and
where), `parsing` (a file as a tree), `showing` (the text a reader sees of it). Each may use those named before it, but
for front matter, which `routing` takes from `parsing`. All read files through `files`.
"""
