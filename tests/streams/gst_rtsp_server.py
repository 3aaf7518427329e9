"""An RTSP server for the tests, as independent of our own code as can be: GStreamer's.

Run by Debian's own Python, which has the bindings (`gir1.2-gst-rtsp-server-1.0 python3-gi`):

    /usr/bin/python3 tests/streams/gst_rtsp_server.py [--file CLIP] [--size 320x240] [--fps 25] [--mute-after SECONDS]

It prints `ready PORT` when it listens. Without `--file` it draws a moving ball. With `IOC_TEST_LOGIN=user:password` in
the environment it asks for a login. `--mute-after` stops the pictures but keeps the connection and its reports going.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer
except (ImportError, ValueError) as error:
    sys.exit(
        f"the RTSP tests need GStreamer's server for {sys.executable} ({error}): apt-get install "
        "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
        "gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly"
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", type=Path, help="H.264 recording to play over and over")
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mount", default="/cam")
    parser.add_argument("--mute-after", type=float, help="seconds after which no more pictures are sent")
    parser.add_argument("--audio", action="store_true", help="send sound beside the pictures")
    return parser.parse_args()


def drawn(arguments: argparse.Namespace) -> str:
    """Return the part of a pipeline that draws and encodes."""
    width, height = arguments.size.split("x")
    return (
        f"videotestsrc is-live=true pattern=ball "
        f"! video/x-raw,width={width},height={height},framerate={arguments.fps}/1 "
        f"! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={arguments.fps} threads=1"
    )


def played(clip: Path, fps: int, folder: Path) -> str:
    """Return the part of a pipeline that plays a recording over and over, its times rising all the while."""
    stream = folder / "clip.h264"
    unpack = Gst.parse_launch(
        f'filesrc location="{clip}" ! parsebin ! h264parse config-interval=-1 '
        f'! video/x-h264,stream-format=byte-stream,alignment=au ! filesink location="{stream}"'
    )
    unpack.set_state(Gst.State.PLAYING)
    message = unpack.get_bus().timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    unpack.set_state(Gst.State.NULL)
    if message is None or message.type == Gst.MessageType.ERROR:
        sys.exit(f"{clip} cannot be played: {message.parse_error() if message else 'took too long'}")
    return (
        f'multifilesrc location="{stream}" loop=true '
        f"caps=video/x-h264,stream-format=byte-stream,framerate={fps}/1 "
        f"! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au,framerate={fps}/1"
    )


def pipeline(arguments: argparse.Namespace, folder: Path) -> str:
    source = played(arguments.file, arguments.fps, folder) if arguments.file else drawn(arguments)
    launch = f"( {source} ! valve name=valve drop=false ! rtph264pay name=pay0 pt=96 config-interval=-1"
    if arguments.audio:
        launch += " audiotestsrc is-live=true volume=0.1 ! alawenc ! rtppcmapay name=pay1 pt=8"
    return launch + " )"


def mute(media: GstRtspServer.RTSPMedia) -> bool:
    media.get_element().get_by_name("valve").set_property("drop", True)
    return False


def ask_for_login(server: GstRtspServer.RTSPServer, factory: GstRtspServer.RTSPMediaFactory, login: str) -> None:
    user, _, password = login.partition(":")
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main() -> None:
    arguments = parse_arguments()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(arguments.port))
    with tempfile.TemporaryDirectory() as folder:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(pipeline(arguments, Path(folder)))
        factory.set_shared(True)
        if arguments.mute_after is not None:
            delay = int(arguments.mute_after * 1000)
            factory.connect("media-configure", lambda _, media: GLib.timeout_add(delay, mute, media))
        if "IOC_TEST_LOGIN" in os.environ:
            ask_for_login(server, factory, os.environ["IOC_TEST_LOGIN"])
        server.get_mount_points().add_factory(arguments.mount, factory)
        if not server.attach(None):
            sys.exit(f"port {arguments.port} of 127.0.0.1 is taken")
        print(f"ready {server.get_bound_port()}", flush=True)  # noqa: T201
        GLib.MainLoop().run()


if __name__ == "__main__":
    main()
