"""Where pictures come from: recordings, live cameras, and street scenes that we draw."""
