"""The console script. `--version` is answered before anything is imported."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from smtpprobe import __version__

        sys.stdout.write(f"smtpprobe {__version__}\n")
        return
    from smtpprobe.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
