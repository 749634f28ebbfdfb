"""What is typed and the sections that fit it."""

from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb

from services.retriever.reading.typed.section_search import FoundPage, FoundSection, TypedResult
from services.retriever.reading.typed.showing import MarkedText
from services.runtime.document_kind import DocumentKind, kind_to_proto
from services.runtime.times import duration


def typed_result_to_proto(result: TypedResult) -> pb.SearchSectionsResponse:
    """What was found, as the contract says."""
    return pb.SearchSectionsResponse(
        pages=[_page_to_proto(page) for page in result.pages],
        corrected_text=result.corrected_text,
        complete_count=result.complete_count,
        revision=result.revision,
        site=result.site,
        widening=_widening_to_proto(result),
        total=duration(result.total_s),
    )


def _widening_to_proto(result: TypedResult) -> passages_pb2.Widening | None:
    """Says from which versions the sections come, not which were looked at."""
    rung = result.widened_to
    if rung is None:
        return None
    versions = dict.fromkeys(version for page in result.pages if (version := page.page.facts["version"]))
    return passages_pb2.Widening(versions=list(versions) if rung.other_versions else [], locale=rung.other_locale)


def _page_to_proto(found: FoundPage) -> passages_pb2.FoundPage:
    page = found.page
    return passages_pb2.FoundPage(
        uri=found.uri,
        title=_text_to_proto(found.title),
        kind=kind_to_proto(DocumentKind(page.facts["kind"])),
        version=page.facts["version"],
        locale=page.facts["locale"],
        sections=[_section_to_proto(section, found.uri) for section in found.sections],
    )


def _section_to_proto(found: FoundSection, uri: str) -> passages_pb2.FoundSection:
    anchor = found.section.anchor
    return passages_pb2.FoundSection(
        uri=f"{uri}#{anchor}" if anchor else uri,
        anchor=anchor,
        heading_path=[_text_to_proto(heading) for heading in found.heading_path],
        snippet=_text_to_proto(found.snippet),
        relevance_score=found.relevance,
    )


def _text_to_proto(marked: MarkedText) -> passages_pb2.MarkedText:
    marks = [passages_pb2.TextRange(start=start, end=end) for start, end in marked.marks]
    return passages_pb2.MarkedText(text=marked.text, marks=marks)
