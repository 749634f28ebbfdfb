from scripts import panel_options_page


def test_the_page_of_options_says_what_the_types_say() -> None:
    written = panel_options_page.PAGE.read_text(encoding="utf-8")
    assert written == panel_options_page.page(), "stale: run `python -m scripts.panel_options_page`"


def test_every_option_has_a_comment_and_a_check() -> None:
    source = panel_options_page.SOURCE.read_text("utf-8")
    documented = {member.name for member in panel_options_page.members(source, "Options")}
    checked = (panel_options_page.SOURCE.parent / "validate.ts").read_text("utf-8")
    defaults = checked.split("const DEFAULTS: PluginOptions = {")[1].split("\n};")[0]
    assert documented == {line.partition(":")[0].strip() for line in defaults.strip().splitlines()}
    assert all(member.text for member in panel_options_page.members(source, "Options"))
