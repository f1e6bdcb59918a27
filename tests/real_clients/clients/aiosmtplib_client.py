import asyncio
import ssl
import sys

import aiosmtplib

host, port, mode, ca, user = sys.argv[1:6]
context = ssl.create_default_context(cafile=ca)
asyncio.run(
    aiosmtplib.send(
        "Subject: test\r\n\r\nHello\r\n",
        sender="ada@example.com",
        recipients=["bob@example.org"],
        hostname=host,
        port=int(port),
        use_tls=mode == "implicit",
        start_tls=mode == "starttls",
        username=None if user == "-" else user,
        password=None if user == "-" else "wrong",
        tls_context=context,
        timeout=2,
    )
)
