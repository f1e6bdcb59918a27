"""What a request and credentials may hold."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import Credentials


@pytest.mark.parametrize("user", ["al\0ice", "al\udcffice"])
def test_a_user_name_that_cannot_be_sent_is_refused(user):
    with pytest.raises(ValueError, match="cannot be sent"):
        Credentials(user, "x")
