import os
import sys

host, port, mode, ca, user = sys.argv[1:6]
os.environ["SSL_CERT_FILE"] = ca  # Django has no setting for it

from django.conf import settings  # noqa: E402
from django.core.mail import send_mail  # noqa: E402

settings.configure(
    EMAIL_HOST=host,
    EMAIL_PORT=int(port),
    EMAIL_USE_SSL=mode == "implicit",
    EMAIL_USE_TLS=mode == "starttls",
    EMAIL_HOST_USER="" if user == "-" else user,
    EMAIL_HOST_PASSWORD="wrong",
    EMAIL_TIMEOUT=2,
)
send_mail("test", "Hello", "ada@example.com", ["bob@example.org"])
