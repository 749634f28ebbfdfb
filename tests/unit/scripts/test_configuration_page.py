from scripts import configuration_page


def test_the_configuration_page_says_what_the_settings_classes_say() -> None:
    written = configuration_page.PAGE.read_text(encoding="utf-8")
    assert written == configuration_page.page(), "stale: run `python -m scripts.configuration_page`"


def test_every_setting_says_what_it_does() -> None:
    for *_, settings in configuration_page.SECTIONS:
        silent = [name for name, doc in configuration_page._field_docs(settings).items() if not doc]
        assert silent == [], f"{settings.__name__} has settings without a docstring"
