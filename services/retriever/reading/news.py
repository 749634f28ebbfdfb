"""Docs before news: what a blog post says held when it was written; the docs say what holds.

A post shares the words of the docs page that has taken its place, and there are many posts to one page. So a post
counts less than a page, the less the older it is, unless the question is about news.
"""

import re

from services.runtime.document_kind import DocumentKind

_YEAR_S = 365.25 * 24 * 3600
_POST_COUNTS = 0.85
"""What a post keeps of its score on the day it is published, or when nobody knows the day."""
_LESS_EACH_YEAR = 0.02
_OLD_POST_COUNTS = 0.7
_NEWS = re.compile(
    r"""
    \b(?:
      releases? | released | releasing | announce[ds]? | announcing | announcement | change-?logs? | roadmap | blog
      | what(?:'s|’s|\ is|\ was|\ are)\ new | new\ (?:in|features?) | changed?\ (?:in|with|since)
      | breaking\ changes? | was\ (?:removed|dropped|added|deprecated|renamed|introduced|given\ up)
      | (?:introduced|removed|dropped|added|deprecated)\ in | when\ (?:was|were|did) | since\ (?:version|v?\d)
      | v\d+(?:\.\d+)* | versions?\ \d[\d.]* | \d+\.\d+(?:\.\d+)?(?:-[a-z]+[\d.]*)?
    )\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_about_news(text: str) -> bool:
    """Whether a question is about a change, a release or a version, which posts tell.

    >>> is_about_news("What changed in v5?"), is_about_news("How do I change the port?")
    (True, False)
    """
    return _NEWS.search(text) is not None


def news_counts(kind: str, published_s: float | None, now_s: float) -> float:
    """What a page keeps of its score, in (0, 1], for a question that is not about news.

    Args:
        kind: Kind of the page.
        published_s: When a post was published, in seconds since the epoch; None when unknown.
        now_s: When the site was read.
    """
    if kind != DocumentKind.BLOG:
        return 1.0
    years = max(0.0, now_s - published_s) / _YEAR_S if published_s is not None else 0.0
    return max(_OLD_POST_COUNTS, _POST_COUNTS - _LESS_EACH_YEAR * years)
