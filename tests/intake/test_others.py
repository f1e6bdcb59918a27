"""Errors of other protocols are none of SMTP's, and those of SMTP are, whatever else is in the text."""

from __future__ import annotations

import pytest

from smtpprobe.pipeline.explaining import explain_text, found_in
from smtpprobe.render.explanation_item import refusal_item

NONE = [
    # HTTP
    "requests.exceptions.SSLError: HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded with url: /v1 "
    "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate "
    "has expired (_ssl.c:1000)')))",
    "Traceback (most recent call last):\nssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
    "failed\n\nurllib3.exceptions.MaxRetryError: HTTPSConnectionPool(host='mail.example.com', port=443): Max retries exceeded",
    "requests.exceptions.ConnectionError: ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
    "Error: connect ECONNREFUSED 192.0.2.7:443",
    "dial tcp 192.0.2.7:8443: i/o timeout",
    "fatal: unable to access 'https://git.example.com/x.git/': Could not resolve host: git.example.com",
    # data bases
    'psycopg2.OperationalError: connection to server at "db" (192.0.2.5), port 5432 failed: Connection refused',
    "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'db' ([Errno 111] Connection refused)\")",
    "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
    "dial tcp 192.0.2.5:5432: connect: connection refused",
    "MongoServerSelectionError: connect ECONNREFUSED 127.0.0.1:27017",
    # shells and files
    "ssh: connect to host git.example.com port 22: Connection timed out",
    "ssh: connect to host mail.example.com port 22: Connection refused",
    "ssh: Could not resolve hostname mail.example.com: Name or service not known",
    "rsync: failed to connect to backup.example.com (192.0.2.7): Connection timed out (110)",
    "Status: RESTORE FAILED\n530 Login incorrect.\nftp: Login failed\n550 /pub/readme.txt: No such file or directory",
    "220 (vsFTPd 3.0.5)\n331 Please specify the password.\n530 Login incorrect.",
    "ftp> get readme.txt\n550 Failed to open file.",
    'docker: Error response from daemon: Conflict. The container name "/smtp" is already in use (code 550).',
    "ldap_bind: Can't contact LDAP server (-1): connect to ldap.example.com:389: Connection refused",
    # code, and what is said about codes
    'def send(self):\n    """Send the mail. May raise SMTPException (code 550 if the user is unknown)."""',
    "SMTP status code 550 means that the mailbox is not there",
    "the mail server returns error code 552 when the quota is exceeded",
    "SELECT * FROM orders WHERE id = 550 AND status = 'rejected';\n-- user unknown, mailbox full: see ticket 421",
    "DELETE FROM mail WHERE code = 550 OR code = 551",
    # houses
    "Our new office is at 550 Main Street, Suite 421. The user is unknown to the doorman, so please ring twice.",
    "Mailbox full at 421 Old Mill Road",
]
FOUND = [
    ("smtplib.SMTPConnectError at mail.example.com: [Errno 111] Connection refused", "connection-failed"),
    ("requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.example.com', port=443)\n"
     "smtplib.SMTPServerDisconnected: Connection unexpectedly closed", "connection-lost"),
    ("psycopg2.OperationalError: connection to server at \"db\", port 5432 failed: Connection refused\n"
     "ERROR mailer: 550 5.1.1 no such user", "recipient-unknown"),
    ("dial tcp 192.0.2.7:587: i/o timeout", "connection-failed"),
    ("Error: connect ECONNREFUSED 127.0.0.1:25", "connection-failed"),
    ("Error: connect ECONNREFUSED 127.0.0.1:1025", "connection-failed"),
    ("nc: connect to mail.example.com port 25 (tcp) failed: Connection refused", "connection-failed"),
    ("[Errno 111] Connection refused", "connection-failed"),
    ("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
     "tls-failed"),
    ("docker: mailer: SMTP error 550 5.1.1 no such user", "recipient-unknown"),
    ("curl: (7) Failed to connect to smtp.example.com port 443: Connection refused", "connection-failed"),
    ("smtp error code 550: if you are a member, log in first", "auth-required"),
    ("530 Login incorrect.", "auth-failed"),
    ("550 If you think this is wrong, call us. Blocked by our policy", "policy-rejected"),
    ("smtp: status = 550 and no such user", "recipient-unknown"),
    ("user unknown at Main Street", "recipient-unknown"),
    ("Mailbox full, try again in 300 seconds", "mailbox-full"),
]  # fmt: skip


@pytest.mark.parametrize("text", NONE)
def test_errors_of_others(text: str) -> None:
    assert found_in(text) is None
    with pytest.raises(ValueError, match="contains no SMTP reply"):
        explain_text(text)


@pytest.mark.parametrize(("text", "cause"), FOUND)
def test_errors_of_mail_among_them(text: str, cause: str) -> None:
    assert found_in(text) is not None
    assert [refusal_item(each)["cause"] for each in explain_text(text).refusals] == [cause]
