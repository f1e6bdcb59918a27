import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

_WAIT_S = 30
host, port, mode, ca, user = sys.argv[1:6]
if mode == "implicit":
    sys.exit(0)  # up to version 0.27 it uses implicit TLS with port 465 only
with socket.create_server(("127.0.0.1", 0)) as listener:
    own = listener.getsockname()[1]
directory = Path(tempfile.mkdtemp(prefix="smtpprobe-alertmanager-"))
config = {
    "route": {"receiver": "ops", "group_wait": "0s", "group_interval": "1s"},
    "receivers": [
        {
            "name": "ops",
            "email_configs": [
                {
                    "to": "bob@example.org",
                    "from": "ada@example.com",
                    "smarthost": f"{host}:{port}",
                    "require_tls": mode == "starttls",
                    "tls_config": {"ca_file": ca},
                }
            ],
        }
    ],
}
(directory / "config.yml").write_text(json.dumps(config))
command = [
    "prometheus-alertmanager",
    f"--config.file={directory / 'config.yml'}",
    f"--storage.path={directory}",
    f"--web.listen-address=127.0.0.1:{own}",
    "--cluster.listen-address=",
    "--log.level=debug",
]
alerts = json.dumps([{"labels": {"alertname": "DiskFull"}}]).encode()
request = urllib.request.Request(f"http://127.0.0.1:{own}/api/v2/alerts", alerts, {"Content-Type": "application/json"})
told = ""
with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as ran:
    ended = threading.Timer(_WAIT_S, ran.kill)
    ended.start()
    for line in ran.stderr:
        if "Listening on" in line:
            urllib.request.urlopen(request, timeout=_WAIT_S).close()
        if "Notify" in line:
            told = "" if "Notify success" in line else line
            break
    ran.kill()
    ended.cancel()
shutil.rmtree(directory)
sys.exit(told)
