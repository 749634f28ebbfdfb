from services.retriever.recent import Recent


def test_what_was_not_used_for_the_longest_time_goes_first() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.keep("first", 1)
    recent.keep("second", 2)
    assert recent.get("first") == 1
    recent.keep("third", 3)
    assert (recent.get("first"), recent.get("second"), recent.get("third")) == (1, None, 3)


def test_nothing_is_kept_where_nothing_is_wanted() -> None:
    recent: Recent[str, int] = Recent(0)
    recent.keep("first", 1)
    assert recent.get("first") is None
