"""MDX and Markdown as Docusaurus parses them: text → preprocessed text → tokens → tree of nodes."""
