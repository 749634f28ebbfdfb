"""The words a site uses, for correcting a question's spelling and for completing a word.

`lexicon` knows which words are near another or begin like it; `words` keeps a site's, `site_words` reads them once per
revision; `spelling` corrects a question, `guessing` says what else its words may have been.
"""
