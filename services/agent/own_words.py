"""The few sentences we say ourselves, in the reader's language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What we say without a model."""

    not_covered: str
    nearest: str
    nothing_found: str
    nearest_said: str
    """Before quotations that may not answer."""


_OWN_WORDS = {
    "en": OwnWords(
        "The documentation does not seem to cover this.",
        "The nearest pages are:",
        "I found nothing about this in the documentation.",
        "The docs say nearest to this:",
    ),
    "de": OwnWords(
        "Die Dokumentation scheint das nicht zu behandeln.",
        "Am nächsten kommen diese Seiten:",
        "Dazu habe ich in der Dokumentation nichts gefunden.",
        "Am nächsten kommt dem in der Dokumentation:",
    ),
    "fr": OwnWords(
        "La documentation ne semble pas traiter ce sujet.",
        "Les pages les plus proches sont :",
        "Je n’ai rien trouvé à ce sujet dans la documentation.",
        "Ce que la documentation dit de plus proche :",
    ),
    "es": OwnWords(
        "La documentación no parece tratar este tema.",
        "Las páginas más cercanas son:",
        "No he encontrado nada sobre esto en la documentación.",
        "Lo más cercano que dice la documentación:",
    ),
    "pt": OwnWords(
        "A documentação não parece tratar deste assunto.",
        "As páginas mais próximas são:",
        "Não encontrei nada sobre isto na documentação.",
        "O que a documentação diz de mais próximo:",
    ),
    "it": OwnWords(
        "La documentazione non sembra trattare questo argomento.",
        "Le pagine più vicine sono:",
        "Non ho trovato nulla su questo nella documentazione.",
        "Ciò che la documentazione dice di più vicino:",
    ),
    "ja": OwnWords(
        "この内容はドキュメントでは説明されていないようです。",
        "関連が近いページ:",
        "ドキュメントには該当する内容が見つかりませんでした。",
        "ドキュメントで最も近い記述:",
    ),
    "ko": OwnWords(
        "문서에서 이 내용을 다루지 않는 것 같습니다.",
        "가장 가까운 페이지:",
        "문서에서 관련 내용을 찾지 못했습니다.",
        "문서에서 가장 가까운 내용:",
    ),
    "zh": OwnWords("文档似乎没有涵盖这个问题。", "最接近的页面:", "在文档中没有找到相关内容。", "文档中最接近的内容:"),
    "ru": OwnWords(
        "Похоже, в документации этого нет.",
        "Ближайшие страницы:",
        "В документации об этом ничего не найдено.",
        "Ближайшее, что сказано в документации:",
    ),
}


def own_words(code: str) -> OwnWords:
    """Our own sentences in a language, in English where we do not know it."""
    return _OWN_WORDS.get(code, _OWN_WORDS["en"])
