"""Finds the sections that fit what was typed.

A section's score grows with each word: by where it stands there (title, headings, text), by how rare it is, and by how
it fits: whole, by its stem, by how it begins, or, where nothing fits, misspelt. Sections with every word come before
those with some. What begins with all that was typed, as a heading or a title, comes first of all.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from services.retriever.reading.typed.section_index import Mask, Numbers, SectionIndex, Weights
from services.retriever.reading.typed.typed_text import TypedText, TypedWord
from services.retriever.reading.typed.words import compact, parts, plain, plain_line, tokens

_STEM, _BEGINS, _BEGINS_WITHOUT_REST = 0.9, 0.75, 0.25
"""How well a word fits that shares the stem; that begins with what was typed, and what is added for the share typed."""
_FINISHED_BEGINS = 0.6
"""What is left of a fit by beginning where the typed word is finished."""
_MISSPELT = (1.0, 0.7, 0.45)
"""How well a word fits by the number of wrong letters."""
_MISSPELT_KEPT = 12
"""Words taken for a misspelt one, the nearest and most frequent."""
_OPTIONAL, _WHOLE = 0.5, 1.0
"""What words count that need not be found, and what an identifier counts as a whole beside its parts."""
_CANDIDATES = 150
"""Sections that are looked at one by one."""
_HEADINGS_SEEN = 60
"""Of them at most so many because their heading begins with what was typed."""
_LEAST_COVERED, _LEAST_COVERED_OF_MANY, _MANY = 0.45, 0.2, 4
"""Share of the words, by rarity, that a section must have to be shown; less of so many words: that is a question."""
_ELSEWHERE_ON_PAGE = 0.2
"""What a word counts that stands not in the section, but in another of its page."""
_IS_HEADING, _BEGINS_HEADING, _BEGINS_HEADING_IN_PARTS, _IN_HEADING, _BEGINS_TITLE = 1.2, 0.8, 0.7, 0.25, 0.2
"""Added to a score in [0, 1] where the heading is, begins with or has all that was typed, or the title begins so."""
_REST_TYPED = 0.1
"""Added for the share of a heading that is typed already: of those that begin so, the shorter ones are first."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The words of the site that fit a typed one."""

    typed: TypedWord
    words: frozenset[str] = frozenset()
    """Words of the site that were taken for it, besides those it begins."""
    meant: str = ""
    """What was searched for instead; empty where the typed word is there."""


@dataclass(frozen=True, slots=True)
class Match:
    """A section that fits."""

    section: int
    score: float
    has_all: bool


@dataclass(frozen=True, slots=True)
class Matches:
    """What was found, best first."""

    best: tuple[Match, ...] = ()
    complete_count: int = 0
    """Sections with every word that is needed."""
    fits: tuple[Fit, ...] = ()
    corrected_text: str = ""
    """What was searched for where that is not what was typed."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """What one word gives to each section, from 0 to 1, and how telling it is."""

    fit: Fit
    scores: Weights
    rarity: float


def find_sections(index: SectionIndex, typed: TypedText, mask: Mask, *, page_uri: str = "") -> Matches:
    """The sections of a part of the site that fit what was typed.

    Args:
        index: The site.
        typed: What was typed.
        mask: Which sections may be found.
        page_uri: Page the reader is on: of equals it is shown first.
    """
    if not typed.words or not mask.any():
        return Matches()
    scored = [_score(index, word, mask) for word in typed.words]
    needed = [word for word in scored if word.fit.typed.is_needed]
    corrected = corrected_text(typed.text, [word.fit for word in scored])
    line = plain_line(corrected) if corrected else typed.line
    total = sum(word.rarity for word in needed)
    sums, covered = np.zeros(len(mask), np.float32), np.zeros(len(mask), np.float32)
    has_all = mask.copy()
    for word in scored:
        share = 1.0 if word.fit.typed.is_needed else _WHOLE if word.fit.typed.is_identifier else _OPTIONAL
        sums += np.float32(word.rarity * share) * _with_page(index, word.scores)
        if word.fit.typed.is_needed:
            covered += np.float32(word.rarity) * (word.scores > 0)
            has_all &= word.scores > 0
    coverage = covered / np.float32(total)
    scores = sums / np.float32(total) * coverage * index.prior
    least = _LEAST_COVERED if len(needed) < _MANY else _LEAST_COVERED_OF_MANY
    scores[~mask | (coverage < least)] = 0.0
    chosen = _candidates(index, line, scores, mask)
    highest = float(scores[chosen].max(initial=0.0)) or 1.0
    matches = [
        Match(number, _final(index, number, float(scores[number]) / highest, line, page_uri), bool(has_all[number]))
        for number in chosen
    ]
    matches.sort(key=lambda match: (-match.score, len(index.sections[match.section].line), match.section))
    return Matches(tuple(matches), int(has_all.sum()), tuple(word.fit for word in scored), corrected)


def _score(index: SectionIndex, word: TypedWord, mask: Mask) -> _Scored:
    scores = _literally(index, word, mask)
    fit = Fit(word, _of_stem(index, word))
    if word.is_needed and not scores.any():
        fit, scores = _misspelt(index, word, mask, scores)
    found = int(np.count_nonzero(scores))
    sections = int(np.count_nonzero(mask))
    rarity = float(np.log1p((sections - found + 0.5) / (found + 0.5)))
    return _Scored(fit, scores, max(rarity, 0.05))


def _of_stem(index: SectionIndex, word: TypedWord) -> frozenset[str]:
    numbers = index.lexicon.with_stem_of(word.text)
    return frozenset(index.lexicon.words[number] for number in numbers)


def _literally(index: SectionIndex, word: TypedWord, mask: Mask) -> Weights:
    """Scores by the word itself, by words that begin with it, and by words of its stem."""
    scores = np.zeros(len(mask), np.float32)
    begun = index.lexicon.beginning_with(word.text)
    sections, weights, counts = index.sections_of(begun)
    lengths = index.lexicon.lengths[begun.start : begun.stop].astype(np.float32)
    qualities = _BEGINS + _BEGINS_WITHOUT_REST * len(word.text) / np.maximum(lengths, 1)
    is_whole = lengths == len(word.text)
    qualities *= np.where(is_whole, 1.0, index.lexicon.telling[begun.start : begun.stop])
    if word.is_finished:
        qualities *= np.where(is_whole, 1.0, _FINISHED_BEGINS)
    _take(scores, sections, weights * np.repeat(qualities.astype(np.float32), counts))
    for number in index.lexicon.with_stem_of(word.text):
        _take_word(index, scores, number, _STEM)
    scores[~mask] = 0.0
    return scores


def _misspelt(index: SectionIndex, word: TypedWord, mask: Mask, scores: Weights) -> tuple[Fit, Weights]:
    """The words that were probably meant, as far as the part of the site has them."""
    near = []
    for number, wrong in index.lexicon.near(word.text, is_finished=word.is_finished):
        frequency = int(np.count_nonzero(mask[index.sections_of(range(number, number + 1))[0]]))
        if frequency:
            is_whole = abs(len(index.lexicon.words[number]) - len(word.text)) <= wrong
            near.append((wrong, not is_whole, -frequency, number))
    near.sort()
    if not near:
        return Fit(word), scores
    taken = [entry for entry in near if entry[0] <= near[0][0] + 1][:_MISSPELT_KEPT]
    for wrong, _, _, number in taken:
        _take_word(index, scores, number, _MISSPELT[wrong])
    scores[~mask] = 0.0
    words = [index.lexicon.words[entry[3]] for entry in taken]
    return Fit(word, frozenset(words), meant=words[0]), scores


def _take_word(index: SectionIndex, scores: Weights, number: int, quality: float) -> None:
    sections, weights, _ = index.sections_of(range(number, number + 1))
    _take(scores, sections, weights * np.float32(quality))


def _take(scores: Weights, sections: Numbers, weights: Weights) -> None:
    """Of several words that fit one typed word, a section counts the best."""
    np.maximum.at(scores, sections, weights)


def _with_page(index: SectionIndex, scores: Weights) -> Weights:
    """The scores, and where a word is missing a little of what it has elsewhere on the page."""
    of_page = np.zeros(len(index.pages), np.float32)
    np.maximum.at(of_page, index.page_of, scores)
    return np.where(scores > 0, scores, of_page[index.page_of] * np.float32(_ELSEWHERE_ON_PAGE))


def _candidates(index: SectionIndex, line: str, scores: Weights, mask: Mask) -> list[int]:
    """The sections with the highest scores, and those whose headings begin with what was typed."""
    found = np.flatnonzero(scores)
    if len(found) > _CANDIDATES:
        found = found[np.argpartition(scores[found], -_CANDIDATES)[-_CANDIDATES:]]
    with_heading = index.with_heading(compact(line)) if line else []
    begun = [number for number in with_heading if mask[number] and scores[number] > 0]
    begun.sort(key=lambda number: (len(index.sections[number].line), -scores[number]))
    return list(dict.fromkeys([*begun[:_HEADINGS_SEEN], *found.tolist()]))


def _final(index: SectionIndex, number: int, score: float, line: str, page_uri: str) -> float:
    section = index.sections[number]
    page = index.pages[section.page]
    added = 0.0
    if line:
        typed, heading = compact(line), compact(section.line)
        if heading == typed:
            added = _IS_HEADING
        elif heading.startswith(typed):
            added = _BEGINS_HEADING if section.line.startswith(line) else _BEGINS_HEADING_IN_PARTS
            added += _REST_TYPED * len(typed) / len(heading)
        elif f" {line}" in f" {section.line}":
            added = _IN_HEADING
        if section.heading_path and compact(page.line).startswith(typed):
            added = max(added, _BEGINS_TITLE)
    if page_uri and page.uri == page_uri:
        added += 0.02
    return score + added * float(index.prior[number])


def corrected_text(text: str, fits: Iterable[Fit]) -> str:
    """What was typed with the words that were meant; empty where every word is there.

    >>> corrected_text("Lib.mokc now", [Fit(TypedWord("mokc"), meant="mock")])
    'Lib.mock now'
    """
    meant = {fit.typed.text: fit.meant for fit in fits if fit.meant}
    pieces, end = [], 0
    for token in tokens(text) if meant else ():
        for part in parts(token.text):
            if instead := meant.get(plain(part.text)):
                start = token.start + part.start
                pieces += [text[end:start], instead]
                end = start + len(part.text)
    return "".join((*pieces, text[end:])).strip() if pieces else ""
