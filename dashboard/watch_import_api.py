"""The routes that take a watch-list in as a table, and give it out as one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from dashboard.watch_api import TheDeeds, TheList
from dashboard.watch_import import Unclear
from dashboard.watch_table import TableError
from dashboard.watch_views import ImportView


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.post("/api/v1/watch-lists/{list_id}/import", response_model=ImportView)(import_table)
    app.get("/api/v1/watch-lists/{list_id}/export", response_class=Response)(export_table)


async def the_body(request: Request, _found: TheList) -> bytes:
    """Return what was sent, read only once it is known that the person may change the list."""
    return await request.body()


def import_table(
    deeds: TheDeeds,
    found: TheList,
    content: Annotated[bytes, Depends(the_body)],
    partial: Annotated[
        bool, Query(description="take the rows that can be used, whatever is wrong with others")
    ] = False,
    replace: Annotated[bool, Query(description="take off the plates that are not in the table")] = False,
) -> Response:
    """Put the plates of a CSV file on a list: all of them, or none and 422 with every cell that cannot be used."""
    try:
        taken, table = deeds.take_in(found, content, partial=partial, replace=replace)
    except (TableError, Unclear) as error:
        raise HTTPException(422, str(error)) from None
    view = ImportView(detail=taken.in_words, **asdict(taken) | {"problems": list(table.problems)})
    return JSONResponse(view.model_dump(mode="json"), 422 if table.problems and not partial else 200)


def export_table(deeds: TheDeeds, found: TheList) -> Response:
    """Return the plates of a list as CSV, which can be imported again."""
    mark = {"Content-Disposition": f'attachment; filename="watch-list-{found.id}.csv"', "Cache-Control": "no-store"}
    return Response(deeds.give_out(found), media_type="text/csv; charset=utf-8", headers=mark)
