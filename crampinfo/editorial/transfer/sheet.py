"""A model as a table: its columns, what identifies a row, and what one person may do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from import_export import resources

from crampinfo.editorial import showing
from crampinfo.editorial.transfer.columns import Column, Part
from crampinfo.editorial.transfer.files import MAX_ROWS, Row, Table

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody may do with the rows of a sheet: add, change one, and whether they hold a permission."""

    add: bool
    change: Callable[[Any], bool]
    holds: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """A cell before and after."""

    column: str
    before: str
    after: str


class Changes:
    """What a row would change, in the place of import_export's marked-up differences."""

    def __init__(self, sheet: Sheet, instance: models.Model, new: bool) -> None:
        self.before = {} if new else sheet.cells(instance)
        self.after: dict[str, str] = {}

    def compare_with(self, sheet: Sheet, instance: models.Model, *_: Any) -> None:
        """Once the row is imported."""
        self.after = sheet.cells(instance)

    def as_html(self) -> list[Change]:
        """The cells that differ. No markup: a template prints them."""
        pairs = ((name, self.before.get(name, ""), after) for name, after in self.after.items())
        return [Change(name, before, after) for name, before, after in pairs if before != after]


class Unused:
    """import_export's way of looking stored rows up one by one; ours are looked up together (Sheet.prepare)."""

    def __init__(self, *_: Any) -> None: ...


class Sheet(resources.Resource):  # type: ignore[misc]  # import_export has no types
    """The base of every table. Rows pass the model's own checks, and the gate where live pages show their words."""

    keys: ClassVar[Keys] = ("slug",)  # columns that together identify a row
    most: ClassVar[int] = MAX_ROWS  # rows at once: a file holds the database for as long as its rows take
    checked_by_saving: ClassVar[bool] = False  # whether the model's save() makes all its checks
    linked: ClassVar[tuple[str, ...]] = ()  # what link() sets: its absence is told by the columns that name it

    class Meta:
        instance_loader_class = Unused
        skip_unchanged = True
        clean_model_instances = True
        use_transactions = True

    def __init__(self, allowed: Allowed) -> None:
        super().__init__()
        self.allowed = allowed
        self.fields: dict[str, Column] = {
            name: column for name, column in self.fields.items() if not column.view or allowed.holds(column.view)
        }
        self._rows: dict[Keys, models.Model] = {}
        self._many: dict[str, list[Any]] = {}
        self._changed: set[str] = set()
        self._unlinked: tuple[str, ...] = ()

    # --- for each kind ------------------------------------------------------------------------------------------

    def stored(self, table: Table) -> models.QuerySet:
        """The stored rows that a table may speak of, with what its cells need."""
        raise NotImplementedError

    def link(self, instance: Any, row: Mapping[str, str]) -> None:
        """Find what several columns name together. Raises ValidationError by column."""

    def refusal(self, instance: Any) -> str:
        """Why somebody may not change this row."""
        return _("You may not change this one.")

    # --- cells --------------------------------------------------------------------------------------------------

    @classmethod
    def get_diff_class(cls) -> type[Changes]:
        """Ours."""
        return Changes

    def cells(self, instance: models.Model) -> dict[str, str]:
        """Every cell of an object."""
        return {name: column.export(instance) for name, column in self.fields.items()}

    def key_of(self, cells: Mapping[str, str]) -> Keys:
        """What identifies a row."""
        return tuple(cells.get(name, "") for name in self.keys)

    def prepare(self, table: Table) -> None:
        """Look the stored rows up, once for all."""
        self._rows = {self.key_of(self.cells(row)): row for row in self.stored(table)}

    # --- one row, in the order in which import_export asks ------------------------------------------------------

    def init_instance(self, row: Any = None) -> Any:
        """A new row."""
        return self._meta.model()

    def get_import_id_fields(self) -> list[str]:
        """The key columns."""
        return list(self.keys)

    def get_instance(self, instance_loader: Any, row: Mapping[str, str]) -> Any:
        """The stored row, None for a new one."""
        return self._rows.get(self.key_of(row))

    def import_instance(self, instance: Any, row: Mapping[str, str], **kwargs: Any) -> None:
        """Set every cell of the row; what makes no value is raised for all of them together."""
        errors: dict[str, Any] = {}
        self._many = {}
        for name, column in self.fields.items():
            if name not in row:
                continue
            try:
                self._set(instance, name, column, row[name])
            except ValueError as error:
                errors[column.attribute] = ValidationError(str(error))
        self._unlinked = ()
        try:
            self.link(instance, row)
        except ValidationError as error:
            error.update_error_dict(errors)
            self._unlinked = self.linked
        if errors:
            raise ValidationError(errors)

    def _set(self, instance: Any, name: str, column: Column, cell: str) -> None:
        new = instance._state.adding
        if column.fixed:
            if cell != ("" if new else column.export(instance)):
                raise ValueError(_("This column is for reading: leave it as it is, or take it out."))
            return
        value = column.widget.clean(cell)
        if isinstance(column, Part):
            return
        if column.many:
            self._many[name] = value
            return
        field = instance._meta.get_field(column.attribute)
        if value in (None, "") and new and field.has_default() and not field.blank:
            return  # a new row without a word on it is as the model makes it
        setattr(instance, column.attribute, value)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """A row that says what is stored already changes nothing."""
        self._changed = set()
        if original is None or original.pk is None or import_validation_errors:
            return False
        for name, column in self.fields.items():
            if name in self._many:
                given = sorted(column.widget.word(value) for value in self._many[name])
                differs = given != sorted(column.widget.word(value) for value in column.widget.read(original))
            else:
                differs = not column.many and column.export(instance) != column.export(original)
            if differs:
                self._changed.add(column.attribute)
        return not self._changed

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """The model's own checks; one that makes them when it is saved is not asked twice, they cost most of a row."""
        errors: dict[str, Any] = dict(import_validation_errors or {})
        if self.checked_by_saving and not errors:
            return
        try:
            instance.full_clean(exclude={*errors, *self._unlinked}, validate_unique=validate_unique)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def column_of(self, sentence: str) -> str:
        """The attribute that a constraint's sentence is about: the last that it compares, the end and not the start."""
        for constraint in self._meta.model._meta.constraints:
            if constraint.get_violation_error_message() != sentence:
                continue
            condition = getattr(constraint, "condition", None)
            named = {*getattr(constraint, "fields", ()), *(condition.referenced_base_fields if condition else ())}
            mine = [one.attribute for one in self.fields.values() if one.attribute in named and not one.fixed]
            return mine[-1] if mine else ""
        return ""

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """The same rights as in the form."""
        if instance._state.adding:
            if not self.allowed.add:
                raise ValidationError(_("You may not add rows here."))
        elif not self.allowed.change(instance):
            raise ValidationError(self.refusal(instance))

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        """In a step of its own, so that what the database refuses is one row's problem."""
        with transaction.atomic():
            instance.save()

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Rows in other tables, then the gate: live pages may show these words."""
        for name, values in self._many.items():
            column = self.fields[name]
            try:
                column.widget.keep(instance, values)
            except ValidationError as error:
                raise ValidationError({column.attribute: error.messages}) from error
        showing.check(instance, self._changed)

    def save_m2m(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Done in after_save_instance."""


def dataset_of(table: Table, rows: tuple[Row, ...]) -> Any:
    """import_export's own kind of table."""
    data = resources.tablib.Dataset(headers=list(table.columns))
    for row in rows:
        data.append([row.cells.get(name, "") for name in table.columns])
    return data
