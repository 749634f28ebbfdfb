"""A Markdown or MDX file as a tree: `modules` cuts off the front matter, calls `mdx`, and gives headings their ids."""
