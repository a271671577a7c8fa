"""Bodies: what editors write, cleaned on every path that saves; links to shops exist in them only as offers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial import illustrations
from crampinfo.lib import markup, urls
from products.models.commerce import Offer
from products.models.programme import all_hosts

_GO = re.compile(r"/+go(?:/+(?P<number>[0-9]{1,18}))?(?:/|\Z)")
# A link relative to its page is read from a page of either depth that this site has.
_PAGES = ("/about/", "/guides/one/")


def settle(text: str) -> str:
    """Sanitise a body and turn its links to shops into references to offers (`<a data-offer="12">`), its pictures
    into references to the library.

    A stored reference has no address, so that it is plain text wherever the paid-link tag did not write it. Raises
    ValidationError naming every link to a merchant's host or to /go/ that matches no stored offer, and every picture
    that is not in the library.
    """
    try:
        cleaned = illustrations.settle(markup.sanitise(text))
    except ValueError as error:
        raise ValidationError(str(error)) from error
    links = markup.links(cleaned)
    offers = _offers({_target(link) for link in links})
    refused = [link.href or _target(link) for link in links if offers.get(_target(link), 0) is None]
    if refused:
        raise ValidationError(
            _("These links lead to shops, but we have no such offer: %(links)s. Make the offer, or take them out.")
            % {"links": ", ".join(dict.fromkeys(refused))}
        )
    return markup.replace_links(
        cleaned,
        lambda link: f'<a data-offer="{offers[_target(link)]}">{link.inner}</a>' if _target(link) in offers else None,
    )


def offer_ids(body: str) -> list[int]:
    """The offers a settled body refers to, in order of appearance."""
    return list(
        dict.fromkeys(
            int(link.attributes["data-offer"]) for link in markup.links(body) if "data-offer" in link.attributes
        )
    )


def _target(link: markup.Link) -> str:
    """offer:<pk> for a stored reference or a /go/ address, '' for any other place on this site, else the address."""
    if "data-offer" in link.attributes:
        return f"offer:{link.attributes['data-offer']}"
    if urls.host_of(link.href) not in ("", urls.host_of(settings.SITE_URL), *settings.ALLOWED_HOSTS):
        return link.href
    for page in _PAGES:
        match = _GO.match(urls.path_of(link.href, page))
        if match:
            return f"offer:{match['number'] or ''}"
    return ""


def _offers(targets: Iterable[str]) -> dict[str, int | None]:
    """The offer behind each target that leads to a shop, None where there is none; other targets are left out."""
    numbers = {target: target.removeprefix("offer:") for target in targets if target.startswith("offer:")}
    stored = set(Offer.objects.filter(pk__in=[int(n) for n in numbers.values() if n]).values_list("pk", flat=True))
    found: dict[str, int | None] = {
        target: int(number) if number and int(number) in stored else None for target, number in numbers.items()
    }
    addresses = [target for target in targets if target and target not in numbers]
    if addresses:
        hosts = all_hosts()
        shops = [target for target in addresses if any(urls.belongs_to(urls.host_of(target), host) for host in hosts)]
        found |= dict.fromkeys(shops)
        for start in range(0, len(shops), 500):
            part = Offer.objects.filter(url__in=shops[start : start + 500])
            found |= dict(part.order_by("-pk").values_list("url", "pk"))
    return found


class BodyField(models.TextField):
    """A body: settled whenever a model is saved, on every path (forms, imports, scripts, bulk_create).

    A queryset's update() can't settle it and refuses (crampinfo.editorial.models.PublishableQuerySet).
    """

    settled_by_saving = True
    kept_beside = ("contents",)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Clean the text before it is stored, and keep the contents table beside it."""
        settled = settle(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, settled)
        if hasattr(model_instance, "contents"):
            model_instance.contents = [[item.level, item.anchor, item.text] for item in markup.headings(settled)]
        return settled

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """Say in a form what saving would refuse."""
        return super().clean(settle(value or ""), model_instance)
