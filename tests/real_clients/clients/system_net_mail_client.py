import ctypes
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path

host, port, mode, ca, user = sys.argv[1:6]
if mode == "implicit":
    sys.exit(0)  # System.Net.Mail has no implicit TLS
if mode == "starttls":
    try:
        ctypes.CDLL("libssl.so.1.1")  # .NET Core 3.1 knows no later one
    except OSError:
        sys.exit(0)
os.environ["SSL_CERT_FILE"] = ca
runtime = {
    "tfm": "netcoreapp3.1",
    "framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
    "configProperties": {"System.Globalization.Invariant": True},
}
with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    json.dump({"runtimeOptions": runtime}, file)
    file.flush()
    import pythonnet

    spec = importlib.util.find_spec("dotnetcore2")
    root = Path(spec.origin).with_name("bin")
    pythonnet.load("coreclr", runtime_config=file.name, dotnet_root=str(root))
import clr  # noqa: E402

clr.AddReference("System.Net.Mail")
import System  # noqa: E402
from System.Net.Mail import SmtpClient  # noqa: E402

client = SmtpClient(host, int(port))
client.Timeout = 2000
client.EnableSsl = mode == "starttls"
try:
    client.Send("ada@example.com", "bob@example.org", "test", "Hello")
except System.Exception as error:
    sys.exit(str(error.ToString()))
