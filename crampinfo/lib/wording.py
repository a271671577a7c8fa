"""Fixed words of templates, translated once a language instead of each time a page is made."""

from __future__ import annotations

from django.template import Context, Library
from django.template.base import Node, Parser, TextNode, Token
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils.translation import get_language

register = Library()


class Loader(cached.Loader):
    """Keeps each template once a language, because fixed words are written into it."""

    def cache_key(self, template_name: str, skip: object = None) -> str:
        """Beside the name: the language that is active while it is read, which is the one it is printed in."""
        return f"{get_language()}\n{super().cache_key(template_name, skip)}"  # type: ignore[arg-type]


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """{% translate "Words" %}: Django's tag; where nothing in it depends on the page, plain text from here on."""
    node = do_translate(parser, token)
    return TextNode(node.render(Context())) if _is_fixed(node) else node


def _is_fixed(node: TranslateNode) -> bool:
    words, about = node.filter_expression, node.message_context
    literal = words.var.literal is not None and not words.filters
    return literal and (about is None or not about.is_var) and not node.asvar and not node.noop
