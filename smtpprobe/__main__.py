"""The console script. `--version` is answered before anything is imported, and signals count from the first moment."""

import atexit
import gc
import os
import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]) and sys.stdout is not None:
        from smtpprobe import __version__

        sys.stdout.write(f"smtpprobe {__version__}\n")
        return
    # What `signal` is made of; that imports much more, and a signal meanwhile would find nobody.
    import _signal as signal  # type: ignore[import-not-found]

    # What a parent has switched off, as `nohup` does, stays so.
    known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    signals = [each for each in known if signal.getsignal(each) is not signal.SIG_IGN]
    for each in signals:
        signal.signal(each, _end)
    # A short run makes too little garbage for the time that the collector would take of it.
    gc.set_threshold(50_000, 20, 50)
    try:
        from smtpprobe.cli.app import run

        code = run(sys.argv[1:])
        for each in signals:
            signal.signal(each, lambda *_: os._exit(code))
    except KeyboardInterrupt:
        _end()
    _exit(code)


def _exit(code: int) -> None:
    """End without taking the interpreter apart piece by piece, which takes longer than many a command."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 1
    os._exit(code)


def _end(*_: object) -> None:
    """End at once: there is nothing to keep, and an exception could be lost in what is being imported."""
    try:
        os.write(2, b"smtpprobe: interrupted\n")
    finally:
        os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
