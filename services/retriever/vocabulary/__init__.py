"""The words a site uses, for correcting a question's spelling and for completing a word.

`site_words` reads them once per revision, `words` keeps them, `distance` compares two, `spelling` corrects a question.
"""
