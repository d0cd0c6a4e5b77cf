"""Guarded moves: a state changes only from where it may, and only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from avatars.states import WrongMove


class Stateful(models.Model):
    """A row with a `state` and a table of allowed moves (`MOVES`, declared in `avatars.states`)."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {}

    state: Any  # a CharField of each model

    class Meta:
        abstract = True

    def move(self, to: str, **fields: Any) -> None:
        """Change the state to `to` and set `fields` with it, in one conditional UPDATE.

        Raises WrongMove when the row, as it stands in the database now, may not move there: somebody else was
        quicker, or the caller is wrong. The instance is left as it was then.
        """
        allowed_from = [state for state, targets in self.MOVES.items() if to in targets]
        changes: dict[str, Any] = {"state": to, **fields}
        if hasattr(self, "updated_at"):
            changes.setdefault("updated_at", timezone.now())
        condition: dict[str, Any] = {"pk": self.pk, "state__in": allowed_from}
        done = type(self)._default_manager.filter(**condition).update(**changes)
        if not done:
            raise WrongMove(
                f"{self._meta.verbose_name} {self.pk}: {self.state} may not become {to} (or has moved already)"
            )
        for name, value in changes.items():
            setattr(self, name, value)
