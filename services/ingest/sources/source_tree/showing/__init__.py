"""What a reader sees of a page: `blocks` walks its trees and writes Markdown, which `sections` cuts at the headings."""
