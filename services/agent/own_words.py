"""The few sentences we say ourselves, in the reader's language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What we say without a model."""

    not_covered: str
    nearest: str
    nothing_found: str


_OWN_WORDS = {
    "en": OwnWords(
        "The documentation does not seem to cover this.",
        "The nearest pages are:",
        "I found nothing about this in the documentation.",
    ),
    "de": OwnWords(
        "Die Dokumentation scheint das nicht zu behandeln.",
        "Am nächsten kommen diese Seiten:",
        "Dazu habe ich in der Dokumentation nichts gefunden.",
    ),
    "fr": OwnWords(
        "La documentation ne semble pas traiter ce sujet.",
        "Les pages les plus proches sont :",
        "Je n’ai rien trouvé à ce sujet dans la documentation.",
    ),
    "es": OwnWords(
        "La documentación no parece tratar este tema.",
        "Las páginas más cercanas son:",
        "No he encontrado nada sobre esto en la documentación.",
    ),
    "pt": OwnWords(
        "A documentação não parece tratar deste assunto.",
        "As páginas mais próximas são:",
        "Não encontrei nada sobre isto na documentação.",
    ),
    "it": OwnWords(
        "La documentazione non sembra trattare questo argomento.",
        "Le pagine più vicine sono:",
        "Non ho trovato nulla su questo nella documentazione.",
    ),
    "ja": OwnWords(
        "この内容はドキュメントでは説明されていないようです。",
        "関連が近いページ:",
        "ドキュメントには該当する内容が見つかりませんでした。",
    ),
    "ko": OwnWords(
        "문서에서 이 내용을 다루지 않는 것 같습니다.",
        "가장 가까운 페이지:",
        "문서에서 관련 내용을 찾지 못했습니다.",
    ),
    "zh": OwnWords("文档似乎没有涵盖这个问题。", "最接近的页面:", "在文档中没有找到相关内容。"),
    "ru": OwnWords(
        "Похоже, в документации этого нет.",
        "Ближайшие страницы:",
        "В документации об этом ничего не найдено.",
    ),
}


def own_words(code: str) -> OwnWords:
    """Our own sentences in a language, in English where we do not know it."""
    return _OWN_WORDS.get(code, _OWN_WORDS["en"])
