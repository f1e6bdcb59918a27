"""Holds a real SMTP session, says what every reply means, and why a server refuses."""

__version__ = "0.1.0"

_PUBLIC = {
    "probe": "smtpprobe.pipeline.probe",
    "explain": "smtpprobe.catalogue.explainer.explain",
    "parse_target": "smtpprobe.model.target",
    "Request": "smtpprobe.model.request",
    "Credentials": "smtpprobe.model.request",
    "TlsOptions": "smtpprobe.model.request",
    "TlsPolicy": "smtpprobe.model.request",
    "Report": "smtpprobe.model.report",
}

__all__ = [
    "Credentials",
    "Report",
    "Request",
    "TlsOptions",
    "TlsPolicy",
    "__version__",
    "explain",
    "parse_target",
    "probe",
]


def __getattr__(name: str) -> object:
    # A name is imported when it is first used, so that importing the package costs nothing.
    if name not in _PUBLIC:
        raise AttributeError(f"module 'smtpprobe' has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(_PUBLIC[name]), "parse" if name == "parse_target" else name)
    globals()[name] = found
    return found
