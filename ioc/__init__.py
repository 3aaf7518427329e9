"""The core: words, ports, the fold from frames to alerts, and the command line."""
