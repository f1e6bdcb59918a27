"""The demo's server: the tests' aiosmtpd, playing one scenario."""

from __future__ import annotations

from smtpprobe.model.request import Credentials, Request, Target, TlsOptions
from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour
from smtpprobe.testing.scenarios import DNSBL, HOST, Scenario


class DemoServer(AiosmtpdServer):
    """An AiosmtpdServer that refuses what the scenario says, and what a probe is to be asked."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        greeting = {Phase.GREETING: f"220 {HOST} ESMTP demo"}
        super().__init__(Behaviour(replies={**greeting, **scenario.refusals}, certificate=scenario.certificate))

    def request(self) -> Request:
        """What `check` would be asked, with the server's name; the scenario's zone leads it to 127.0.0.1."""
        scenario = self.scenario
        return Request(
            target=Target(given=f"{HOST}:{self.port}", host=HOST, port=self.port, literal=True),
            helo=scenario.helo,
            mail_from=scenario.mail_from,
            rcpt_to=(scenario.rcpt_to,),
            user=scenario.user,
            tls=TlsOptions(verify=scenario.tls_verify, ca_file=self.ca_file),
            client_ip=scenario.client_ip,
            only_dnsbl=(DNSBL,),
        )

    def credentials(self) -> Credentials | None:
        """The scenario's credentials, None where it has none."""
        if self.scenario.user is None or self.scenario.password is None:
            return None
        return Credentials(self.scenario.user, self.scenario.password)
