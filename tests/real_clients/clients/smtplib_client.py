import smtplib
import ssl
import sys

host, port, mode, ca, user = sys.argv[1:6]
context = ssl.create_default_context(cafile=ca)
if mode == "implicit":
    client = smtplib.SMTP_SSL(host, int(port), timeout=2, context=context)
else:
    client = smtplib.SMTP(host, int(port), timeout=2)
if mode == "starttls":
    client.starttls(context=context)
if user != "-":
    client.login(user, "wrong")
client.sendmail("ada@example.com", ["bob@example.org"], "Subject: test\r\n\r\nHello\r\n")
