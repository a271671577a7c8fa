"""What only the whole site knows: which content files came in, what pages must hear of, who tried the wrong door."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportRecord(models.Model):
    """The last import of one object: the file's digest and the state it left, so that later edits are noticed."""

    kind = models.CharField(_("kind"), max_length=20)
    slug = models.CharField(_("slug"), max_length=120)
    file_digest = models.CharField(max_length=64)
    object_digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField(_("imported at"), auto_now=True)

    class Meta:
        ordering = ("kind", "slug")
        verbose_name = _("import record")
        constraints = (models.UniqueConstraint(name="site_importrecord_once", fields=("kind", "slug")),)

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"


class Target(models.TextChoices):
    """What a refused attempt was after."""

    MONEY = "money", _("money, by a reviewer")
    SCORES = "scores", _("scores, by an affiliate manager")


class Attempt(models.Model):
    """That a reviewer tried to open money, or an affiliate manager to change a score: refused, and kept (promise 5).

    One row a person, address and day; times is how often. name stays when the account is gone.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(_("who"), max_length=150)
    target = models.CharField(_("was after"), max_length=8, choices=Target)
    method = models.CharField(_("how"), max_length=8)
    path = models.CharField(_("where"), max_length=200)
    day = models.DateField(_("day"))
    times = models.PositiveIntegerField(_("times"), default=1)
    last = models.DateTimeField(_("last"))

    class Meta:
        ordering = ("-last", "-pk")
        verbose_name = _("refused attempt")
        constraints = (
            models.UniqueConstraint(name="site_attempt_once_a_day", fields=("name", "method", "path", "day")),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.method} {self.path}"


class PageGeneration(models.Model):
    """The number of the newest change that finished pages must hear of: one row, which writers lock in turn."""

    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("generation of the pages")

    def __str__(self) -> str:
        return str(self.number)


class PageNews(models.Model):
    """A change that finished pages must hear of: the tags of what it concerns (crampinfo.site.pagecache)."""

    number = models.PositiveBigIntegerField(primary_key=True)
    tags = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("number",)
        verbose_name = _("news for the pages")

    def __str__(self) -> str:
        return f"{self.number}: {self.tags[:60]}"


class AuditRun(models.Model):
    """One audit of the whole site (crampinfo.site.audit). findings holds a dict a finding; seconds is wall time."""

    at = models.DateTimeField(_("when"))
    seconds = models.DecimalField(_("took, seconds"), max_digits=7, decimal_places=1)
    pages = models.PositiveIntegerField(_("pages"))
    links = models.PositiveIntegerField(_("links"))
    blocking = models.PositiveIntegerField(_("stopping"))
    warnings = models.PositiveIntegerField(_("warnings"))
    findings = models.JSONField(_("findings"), default=list)

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("audit of the site")
        verbose_name_plural = _("audits of the site")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.blocking} / {self.warnings}"


class WorkerBeat(models.Model):
    """When the background worker last said that it is there: one row, written once a minute (crampinfo.site.worker)."""

    at = models.DateTimeField(_("last sign"))

    class Meta:
        verbose_name = _("sign of the worker")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
