"""What we know about languages and about Markdown as text; knows no service, and every service may ask it.

`locales` names languages, `scripts` tells writing systems apart, `detection` guesses a language, `function_words` and
`question_words` list what carries no meaning, `terms`, `stems` and `names` read what does, `sentences` and `markdown`
tell where text may be cut.
"""
