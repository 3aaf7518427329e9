"""A data folder of drawn plates in the place of real ones, and a published reader that reads the same everywhere."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from models.training.plate_designs import CAR_LONG, MOTORBIKE, Design
from models.training.plate_drawing import draw_plate
from models.training.plate_evaluate import PEER_CHARACTERS
from tests.models.drawn_model import _bytes, _constant, _door, _ints, _model, _node, _number

COUNT = 60


def draw_gate(folder: Path) -> Path:
    """Draw motorbikes and cars before drawn backgrounds, as crops; no set with characters. Return the folder."""
    gate = folder / "plates_gate"
    for name in ("crops", "images", "labels"):
        (gate / name).mkdir(parents=True)
    (folder / "plate_chars").mkdir()
    (folder / "plate_chars" / "classes.txt").write_text("1 2 3")
    rows = ["file,kind,text,text_status,full_image"]
    for number in range(COUNT):
        rng = np.random.default_rng([7, number])
        digits = f"{int(rng.integers(100_000)):05d}"
        if number % 3:
            series = f"98-{'BCEFGHKM'[number % 8]}{1 + number % 9}"
            design = Design((series, f"{digits[:3]}.{digits[3:]}"), MOTORBIKE, "white")
        else:
            design = Design((f"98A-{digits[:3]}.{digits[3:]}",), CAR_LONG, "white")
        image = draw_plate(design, rng).image
        while image.shape[1] < 90:
            image = draw_plate(design, rng).image
        cv2.imwrite(str(gate / "crops" / f"p{number}.png"), image)
        kind, status = ("moto2", "two-source") if number % 3 else ("car1", "pseudo")
        rows.append(f"p{number}.png,{kind},{''.join(design.texts)},{status},0")
    (gate / "texts.csv").write_text("\n".join(rows) + "\n")
    return folder


def constant_peer(path: Path, text: str) -> Path:
    """Write a reader that reads the same text everywhere, in the published reader's layout."""
    slots = np.zeros((1, 10, len(PEER_CHARACTERS)), np.float32)
    for place, character in enumerate(f"{text:_<10}"):
        slots[0, place, PEER_CHARACTERS.index(character)] = 1
    uint8 = 2
    tensor = _number(1, uint8) + _bytes(2, b"".join(_bytes(1, _number(1, size)) for size in (1, 64, 128, 3)))
    door = _bytes(11, _bytes(1, "input") + _bytes(2, _bytes(1, tensor)))
    nodes = [
        _node("Cast", "input", "numbers", _bytes(5, _bytes(1, "to") + _number(3, 1) + _number(20, 2))),
        _node("ReduceMean", "numbers", "mean", _ints("axes", (1, 2, 3))),
        _node("Mul", "mean zero", "nothing"),
        _node("Reshape", "nothing one", "scalar"),
        _node("Add", "slots scalar", "plate"),
    ]
    constants = [
        _constant("zero", [0.0], [1]),
        _constant("one", [1], [1]),
        _constant("slots", [float(value) for value in slots.ravel()], slots.shape),
    ]
    path.write_bytes(_model(b"".join(nodes) + b"".join(constants) + door + _door(12, "plate", slots.shape)))
    return path
