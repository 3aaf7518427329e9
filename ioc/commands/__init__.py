"""One module a command of `ioc`."""
