"""The kinds of value that many items share, each an annotation with its rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from django.conf import settings

from crampinfo.site.contentfiles.fields import As, Choice, Flag, Many, Number, Ref, Slug, Text, When, Whole
from crampinfo.site.contentfiles.moments import Moment

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)
Language = Annotated[str, Choice(LANGUAGES)]
Line = Annotated[str, Text(one_line=True)]
Prose = Annotated[str, Text()]
Name = Annotated[str, Slug()]
YesNo = Annotated[bool, Flag()]
Demo = Annotated[bool, Flag(), As("is_demo")]
Count = Annotated[int | None, Whole()]
Figure = Annotated[Decimal | None, Number()]
Day = Annotated[Moment, When()]
Topics = Annotated[tuple[str, ...], Many(Ref("topic"))]
Points = Annotated[tuple[str, ...], Many(Text(one_line=True))]
Published = Annotated[Moment | None, When()]
References = Annotated[tuple[str, ...], Many(Ref("reference"))]
Products = Annotated[tuple[str, ...], Many(Ref("product"))]
Value = Annotated[Decimal, Number()]
