"""Pages read from a site's Markdown and settings, without Node, as Docusaurus would build them.

`source` calls the rooms: `settings` (what the config decides), `parsing` (a file as front matter and a tree), `routing`
(which pages there are, and where), `showing` (the text a reader sees of a page). Each may use those named before it.
All read files through `files`.
"""
