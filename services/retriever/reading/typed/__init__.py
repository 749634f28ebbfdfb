"""Search while somebody types: by words alone, from lists of words in memory, quick enough for every keystroke.

`section_search` asks `section_indexes` for the lists of a published revision, `matching` finds sections in them, and
`showing` makes of these what a reader sees. `words` says what a word is, for all of them.
"""
