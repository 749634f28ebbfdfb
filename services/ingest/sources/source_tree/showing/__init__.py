"""What a reader sees of a page: `blocks` walks the trees of its modules and writes Markdown; `sections` cuts that up."""
