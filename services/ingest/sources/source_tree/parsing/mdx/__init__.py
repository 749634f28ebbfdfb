"""MDX and Markdown as Docusaurus parses them: text → `preprocess` → tokens of markdown-it with our rules → `tree`."""
