"""What a reader sees of a page: a walk over the trees of its modules that writes headings and blocks of Markdown."""
