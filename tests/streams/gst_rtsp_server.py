"""An RTSP server for the tests, as independent of our own code as can be: GStreamer's.

Run by Debian's own Python, which has the bindings:

    /usr/bin/python3 tests/streams/gst_rtsp_server.py [--file CLIP] [--size 320x240] [--fps 25] [--mute-after SECONDS]

It prints `ready PORT` when it listens on 127.0.0.1. Without `--file` it draws a moving ball; with it, it plays an H.264
recording over and over at its own speed. With `IOC_TEST_LOGIN=user:password` in the environment it asks for a login.
`--mute-after` stops the pictures but keeps the connection, its reports and its sound going.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

try:
    import gi  # type: ignore[import-not-found]

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found]
except (ImportError, ValueError) as error:
    sys.exit(
        f"the RTSP tests need GStreamer's server for {sys.executable} ({error}): apt-get install "
        "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
        "gstreamer1.0-plugins-ugly"
    )

H264 = "video/x-h264,stream-format=byte-stream,alignment=au"
LONGEST_UNPACKING = 60


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", type=Path, help="H.264 recording to play over and over")
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mount", default="/cam")
    parser.add_argument("--mute-after", type=float, help="seconds after which no more pictures are sent")
    parser.add_argument("--audio", action="store_true", help="send sound beside the pictures")
    parser.add_argument("--only-audio", action="store_true", help="send sound and no pictures")
    return parser.parse_args()


def drawn(size: str, fps: int) -> str:
    """Return the part of a pipeline that draws and encodes."""
    width, height = size.split("x")
    return (
        f"videotestsrc is-live=true pattern=ball ! video/x-raw,width={width},height={height},framerate={fps}/1 "
        f"! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={fps} threads=1"
    )


class Clip:
    """An H.264 recording, unpacked once and played over and over, its times rising all the while."""

    def __init__(self, path: Path) -> None:
        unpack = Gst.parse_launch(
            f'filesrc location="{path}" ! parsebin ! h264parse config-interval=-1 ! {H264} '
            "! appsink name=out sync=false"
        )
        out = unpack.get_by_name("out")
        unpack.set_state(Gst.State.PLAYING)
        self._units: list[tuple[bytes, int, int]] = []
        while (sample := out.emit("try-pull-sample", LONGEST_UNPACKING * Gst.SECOND)) is not None:
            unit = sample.get_buffer()
            self._units.append((unit.extract_dup(0, unit.get_size()), unit.pts, unit.dts))
        unpack.set_state(Gst.State.NULL)
        if not self._units:
            sys.exit(f"{path} holds no H.264 that can be played")
        stamps = sorted(pts for _, pts, _ in self._units)
        self._step = (stamps[-1] - stamps[0]) // max(len(stamps) - 1, 1) or Gst.SECOND
        self._length = stamps[-1] - stamps[0] + self._step

    def feed(self, source: Any) -> None:
        """Give a pipeline's source the recording for as long as it asks."""
        buffers = self._buffers()
        source.connect("need-data", lambda source, _: source.emit("push-buffer", next(buffers)))

    def _buffers(self) -> Iterator[Any]:
        for round_ in count():
            for data, pts, dts in self._units:
                buffer = Gst.Buffer.new_wrapped(data)
                buffer.pts, buffer.dts = pts + round_ * self._length, dts + round_ * self._length
                buffer.duration = self._step
                yield buffer


def mute(media: Any) -> bool:
    media.get_element().get_by_name("valve").set_property("drop", True)
    return False


def ask_for_login(server: Any, factory: Any, login: str) -> None:
    user, _, password = login.partition(":")
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for right in ("access", "construct"):
        permissions.add_permission_for_role("viewer", f"media.factory.{right}", True)
    factory.set_permissions(permissions)


def make_factory(arguments: argparse.Namespace) -> Any:
    clip = Clip(arguments.file) if arguments.file else None
    source = f"appsrc name=clip format=time caps={H264}" if clip else drawn(arguments.size, arguments.fps)
    launch = f"( {source} ! valve name=valve ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1"
    sound = "audiotestsrc is-live=true volume=0.1 ! alawenc ! rtppcmapay pt=8"
    if arguments.audio:
        launch += f" {sound} name=pay1"
    elif arguments.only_audio:
        launch = f"( {sound} name=pay0"

    def configure(_: Any, media: Any) -> None:
        if clip is not None:
            clip.feed(media.get_element().get_by_name("clip"))
        if arguments.mute_after is not None:
            GLib.timeout_add(int(arguments.mute_after * 1000), mute, media)

    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch + " )")
    factory.set_shared(True)
    factory.connect("media-configure", configure)
    return factory


def main() -> None:
    arguments = parse_arguments()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(arguments.port))
    factory = make_factory(arguments)
    if "IOC_TEST_LOGIN" in os.environ:
        ask_for_login(server, factory, os.environ["IOC_TEST_LOGIN"])
    server.get_mount_points().add_factory(arguments.mount, factory)
    if not server.attach(None):
        sys.exit(f"port {arguments.port} of 127.0.0.1 is taken")
    print(f"ready {server.get_bound_port()}", flush=True)  # noqa: T201
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
