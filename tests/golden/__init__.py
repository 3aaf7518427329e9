"""Golden replays: tapes whose alerts are written down, so that a changed outcome shows before it is shipped."""
