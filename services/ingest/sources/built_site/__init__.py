"""Pages read from the HTML that `docusaurus build` made.

`source` finds them: `head` reads each file's head, `survey` works out from all heads what the site is; `article` then
reads a page's text with the help of `blocks`, `inline` and `dom`.
"""
