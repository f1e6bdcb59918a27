"""Holds a real SMTP session, says what every reply means, and why a server refuses."""

# The name that type checkers take for true; importing `typing` would cost `--version` some milliseconds.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from smtpprobe.catalogue.explainer.explain import Explanation
    from smtpprobe.model.clock import Clock
    from smtpprobe.model.dns.lookup import Resolver
    from smtpprobe.model.report import Report
    from smtpprobe.model.request import Credentials, Diagnose, Protocol, Request, Target, TlsOptions, TlsPolicy
    from smtpprobe.model.target import parse_target
    from smtpprobe.model.transcript import Exchange, Phase, Status
    from smtpprobe.net.dns.client import NetworkResolver
    from smtpprobe.pipeline.explaining import explain
    from smtpprobe.pipeline.probe import probe, probe_sync
    from smtpprobe.pipeline.recorder import RunRecorder

__version__ = "0.1.0"

# Where each name is imported from when it is first used, so that importing the package costs nothing.
_HOMES = {
    "Clock": "smtpprobe.model.clock",
    "Credentials": "smtpprobe.model.request",
    "Diagnose": "smtpprobe.model.request",
    "Exchange": "smtpprobe.model.transcript",
    "Explanation": "smtpprobe.catalogue.explainer.explain",
    "NetworkResolver": "smtpprobe.net.dns.client",
    "Phase": "smtpprobe.model.transcript",
    "Protocol": "smtpprobe.model.request",
    "Report": "smtpprobe.model.report",
    "Request": "smtpprobe.model.request",
    "Resolver": "smtpprobe.model.dns.lookup",
    "RunRecorder": "smtpprobe.pipeline.recorder",
    "Status": "smtpprobe.model.transcript",
    "Target": "smtpprobe.model.request",
    "TlsOptions": "smtpprobe.model.request",
    "TlsPolicy": "smtpprobe.model.request",
    "explain": "smtpprobe.pipeline.explaining",
    "parse_target": "smtpprobe.model.target",
    "probe": "smtpprobe.pipeline.probe",
    "probe_sync": "smtpprobe.pipeline.probe",
}

__all__ = [
    "Clock",
    "Credentials",
    "Diagnose",
    "Exchange",
    "Explanation",
    "NetworkResolver",
    "Phase",
    "Protocol",
    "Report",
    "Request",
    "Resolver",
    "RunRecorder",
    "Status",
    "Target",
    "TlsOptions",
    "TlsPolicy",
    "__version__",
    "explain",
    "parse_target",
    "probe",
    "probe_sync",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'smtpprobe' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*globals(), *_HOMES]
