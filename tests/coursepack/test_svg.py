"""Which pictures may be published."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.coursepack.problems import Report
from webapp.coursepack.svg import check_svg

from .example import ROOT

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def codes(data: str | bytes) -> list[str]:
    report = Report("x.svg")
    check_svg(data.encode() if isinstance(data, str) else data, report)
    return [problem.code for problem in report.in_order()]


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        "<foreignObject><p/></foreignObject>",
        '<g onload="alert(1)"/>',
        '<a href="https://a.mx"><path/></a>',
        '<use href="https://a.mx/x.svg#y"/>',
        '<use xlink:href="otro.svg#y"/>',
        '<image href="https://a.mx/x.png"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
        '<image href="javascript:alert(1)"/>',
        '<rect fill="url(https://a.mx/x)"/>',
        "<rect fill=\"url( 'https://a.mx/x' )\"/>",
        '<rect style="background:u\\72l(https://a.mx)"/>',
        "<style>@import 'https://a.mx/x.css';</style>",
        "<style>a{fill:url(//a.mx)}</style>",
        "<style><desc/>@import url(//a.mx)</style>",
        "<style><![CDATA[a{fill:url(//a.mx)}]]></style>",
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        '<set attributeName="onclick" to="alert(1)"/>',
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">1</h:script>',
        '<x:script xmlns:x="urn:otro">1</x:script>',
        '<g xml:base="https://a.mx/"/>',
        '<?xml-stylesheet href="https://a.mx/x.css"?>',
        '<iframe src="https://a.mx"/>',
        "<SCRIPT>1</SCRIPT>",
    ],
)
def test_code_and_references_outside_are_refused(inside: str) -> None:
    assert "unsafe_svg" in codes(f"{OPEN}{inside}</svg>")


@pytest.mark.parametrize(
    "inside",
    [
        '<defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs><rect fill="url(#g)"/>',
        "<rect fill=\"url( '#g' )\" style='fill:url(\"#g\")'/>",
        '<symbol id="s"><path d="M0 0"/></symbol><use href="#s"/><use xlink:href="#s"/>',
        '<image href="data:image/png;base64,iVBORw0KGgo="/>',
        "<style>.a{fill:#000}</style><text class='a'>hola</text>",
        '<title>t</title><desc>d</desc><text xml:space="preserve">a</text>',
    ],
)
def test_a_still_drawing_passes(inside: str) -> None:
    assert codes(f"{OPEN}{inside}</svg>") == []


def test_the_notes_of_a_drawing_program_pass() -> None:
    inkscape = "http://www.inkscape.org/namespaces/inkscape"
    assert (
        codes(f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="{inkscape}"><g i:label="capa"><i:grid/></g></svg>')
        == []
    )


def test_a_plain_doctype_passes_and_one_with_entities_does_not() -> None:
    plain = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert codes(f"{plain}{OPEN}</svg>") == []
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    assert "unsafe_svg" in codes(f"{bomb}{OPEN}<text>&b;</text></svg>")


@pytest.mark.parametrize("encoding", ["utf-7", "inexistente", "shift_jis"])
def test_an_encoding_that_is_not_read_is_refused(encoding: str) -> None:
    assert codes(f'<?xml version="1.0" encoding="{encoding}"?>{OPEN}</svg>') == ["broken_svg"]


def test_the_pictures_of_the_curriculum_pass() -> None:
    pictures = sorted((ROOT / "courses").glob("*/assets/*.svg"))
    assert pictures
    assert {path.name: codes(path.read_bytes()) for path in pictures} == {path.name: [] for path in pictures}


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: f"{OPEN}{text}</svg>".encode("utf-8", "replace")),
    )
)
def test_no_bytes_break_the_check(data: bytes) -> None:
    assert set(codes(data)) <= {"broken_svg", "unsafe_svg", "wrong_content"}
