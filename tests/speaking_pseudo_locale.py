"""A pytest plugin (`-p tests.speaking_pseudo_locale`): the tests that follow run in the pseudo-locale."""

from tests import pseudo_locale

pseudo_locale.speak()
