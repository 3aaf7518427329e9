"""What is new, an update, cleared, or noise: one incident is one alert.

    the incident is   raised                   updated                    cleared
    ---------------   ----------------------   ------------------------   ------------------
    unknown           told: it is open         noise                      noise
    open              noise                    told if due, or graver     told: it is closed
    closed            told as an update if     noise                      noise
                      later: it is open again

An update is due when `update_interval` has passed since the incident was last told of, and at once when its
severity changes. What lies before the last thing told is noise. Time is the alerts' own; no clock is read.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from ioc.types import Alert, Json, Phase, Severity


@dataclass(slots=True)
class _Incident:
    """Where one incident stands, as it was last told."""

    at: datetime
    severity: Severity


_OPEN: TypeAdapter[dict[str, dict[UUID, _Incident]]] = TypeAdapter(dict[str, dict[UUID, _Incident]])
"""The open incidents of each rule."""


class _Memory:
    """One rule's incidents, the longest untold first; gives up the first beyond `limit` of each sort."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.open: OrderedDict[UUID, _Incident] = OrderedDict()
        self.closed: OrderedDict[UUID, _Incident] = OrderedDict()

    def put(self, name: UUID, incident: _Incident, *, is_open: bool) -> None:
        """Remember the incident as open or closed."""
        into, out_of = (self.open, self.closed) if is_open else (self.closed, self.open)
        out_of.pop(name, None)
        into[name] = incident
        into.move_to_end(name)
        if len(into) > self._limit:
            into.popitem(last=False)


class Policy:
    """Decides for one camera which of its rules' alerts are told.

    `max_incidents` bounds what is remembered of each rule, open and closed apart, so that a rule that only ever
    raises (a plate for each passing vehicle) crowds out neither its own closed incidents nor other rules'. An
    incident that was given up is unknown again: its clearing is noise.
    """

    def __init__(self, update_interval: timedelta = timedelta(seconds=30), max_incidents: int = 1000) -> None:
        self._update_interval = update_interval
        self._max_incidents = max_incidents
        self._memory: dict[str, _Memory] = {}

    def state(self) -> Json:
        """Return which incidents are open, so that what comes of them is told when the program begins anew."""
        open_ = {rule: dict(memory.open) for rule, memory in self._memory.items()}
        state: Json = _OPEN.dump_python(open_, mode="json")
        return state

    def restore(self, state: Json) -> None:
        """Know these incidents as open; raises ValueError when it is no such state."""
        try:
            known = _OPEN.validate_python(state)
        except ValidationError as error:
            raise ValueError(f"no state of open incidents: {error.error_count()} wrong values") from None
        for rule, incidents in known.items():
            memory = self._memory[rule] = _Memory(self._max_incidents)
            for name, incident in incidents.items():
                memory.put(name, incident, is_open=True)

    def admit(self, alert: Alert) -> Alert | None:
        """Return the alert to deliver, or None when it is noise."""
        memory = self._memory.get(alert.rule)
        if memory is None:
            memory = self._memory[alert.rule] = _Memory(self._max_incidents)
        name = alert.id
        told = self._decide(alert, memory.open.get(name), memory.closed.get(name))
        if told is not None:
            memory.put(name, _Incident(alert.at, alert.severity), is_open=told.phase is not Phase.CLEARED)
        return told

    def _decide(self, alert: Alert, is_open: _Incident | None, closed: _Incident | None) -> Alert | None:
        if is_open is not None:
            return alert if self._follows(alert, is_open) else None
        if alert.phase is not Phase.RAISED:
            return None
        if closed is None:
            return alert
        return replace(alert, phase=Phase.UPDATED) if alert.at > closed.at else None

    def _follows(self, alert: Alert, last: _Incident) -> bool:
        match alert.phase:
            case Phase.RAISED:
                return False
            case Phase.UPDATED:
                due = alert.at - last.at >= self._update_interval
                return alert.at > last.at and (due or alert.severity is not last.severity)
            case Phase.CLEARED:
                return alert.at >= last.at
