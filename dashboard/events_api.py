"""The stream of changes, /api/v1/events: what happens, as it happens, to those who may see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from dashboard.accounts import User
from dashboard.cameras_api import camera_list
from dashboard.database import StoreError
from dashboard.feed import FeedFull
from dashboard.guard import SignedIn, who
from dashboard.records import Change
from dashboard.services import Services, TheServices
from dashboard.subscriber import Listening
from dashboard.views import AlertView

BEAT_SECONDS = 10.0
"""Something is sent at least so often, so that a page notices when the line is dead."""
GATHER_SECONDS = 0.2
"""What follows a change within this time is sent together."""
AT_ONCE = 200
"""Changes in one reading of the store."""


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/events", response_class=StreamingResponse)(stream_events)


async def stream_events(
    parts: TheServices,
    user: SignedIn,
    request: Request,
    after: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Stream `alert`, `cameras`, `reset` and `beat` events that follow the last one seen.

    A browser that was cut off says by itself, in Last-Event-ID, where it was; `after` says it the first time.
    """
    place = _place(after, last_event_id)
    if place is None:
        place = await run_in_threadpool(parts.store.last_change)
    if parts.feed.is_full:
        raise HTTPException(503, "too many pages listen already", headers={"Retry-After": "30"})
    reader = _Reader(parts, request, user, place)
    return StreamingResponse(
        _events(parts, reader), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


def _place(after: int | None, last_event_id: str | None) -> int | None:
    if last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) < 19:
        return int(last_event_id)
    return after


async def _events(parts: Services, reader: _Reader) -> AsyncIterator[str]:
    try:
        with parts.feed.listen() as woken:
            yield "retry: 2000\n\n"
            while not parts.feed.closing:
                woken.clear()
                news = await run_in_threadpool(reader.read)
                for event in news.events:
                    yield event
                if news.ended:
                    return
                if news.more:
                    continue
                await asyncio.sleep(GATHER_SECONDS)
                try:
                    await asyncio.wait_for(woken.wait(), BEAT_SECONDS)
                except TimeoutError:
                    yield _event("beat", {}, reader.place)
    except FeedFull:
        return


@dataclass(slots=True)
class _News:
    """What one reading of the store found."""

    events: list[str] = field(default_factory=list)
    more: bool = False
    ended: bool = False


class _Reader:
    """One page's place in the changes; reads in a worker thread, for as long as the session stands."""

    def __init__(self, parts: Services, request: Request, user: User, place: int) -> None:
        self._parts = parts
        self._request = request
        self._user = user
        self._listening: Listening | None = None
        self.place = place

    def read(self) -> _News:
        """Return the events since the last reading; nothing while the store fails, for they come later."""
        try:
            return self._read()
        except StoreError:
            return _News()

    def _read(self) -> _News:
        user = who(self._request)
        if user is None or user.must_change:
            return _News([_event("ended", {}, self.place)], ended=True)
        if user != self._user:
            self._user = user
            return _News([_event("reset", {}, self.place)], more=True)
        changes = self._parts.store.changes(self.place, AT_ONCE)
        if changes is None:
            self.place = self._parts.store.last_change()
            return _News([_event("reset", {}, self.place)], more=True)
        events = self._alerts(changes)
        if changes:
            self.place = changes[-1].id
        if self._cameras_moved(changes):
            cameras = camera_list(self._parts, user.rights)
            events.append(_event("cameras", cameras.model_dump(mode="json"), self.place))
        return _News(events, more=len(changes) == AT_ONCE)

    def _alerts(self, changes: list[Change]) -> list[str]:
        """Return each alert that changed once, as it stands, under the number of its last change."""
        latest = {change.alert: change for change in changes if change.alert is not None}
        found = self._parts.store.alerts_by_id(list(latest), self._user.rights) if latest else {}
        return [
            _event("alert", AlertView.of(found[key]).model_dump(mode="json"), change.id)
            for key, change in sorted(latest.items(), key=lambda item: item[1].id)
            if key in found
        ]

    def _cameras_moved(self, changes: list[Change]) -> bool:
        """Return whether what is shown of this person's cameras may have changed, a lost broker included."""
        listening, before = self._parts.subscriber.state, self._listening
        self._listening = listening
        if before is None or (before.connected, before.since) != (listening.connected, listening.since):
            return True
        rights = self._user.rights
        return any(
            rights.cover(change.site, change.camera) if change.camera else rights.touch(change.site)
            for change in changes
            if change.what != "alert"
        )


def _event(name: str, data: dict[str, Any], number: int) -> str:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False, allow_nan=False)}\n\n"
