"""JavaScript whose value is known without running the site: literals, what is computed of them, JSX, small functions.

`values` are what it gives, `names` where the names in it come from, `evaluator` walks the program, `calls` holds the
few functions of JavaScript that are known, and `jsx` turns tags into nodes of a page. Nothing is ever run.
"""
