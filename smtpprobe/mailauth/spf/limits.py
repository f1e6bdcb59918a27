"""How much an evaluation of SPF may ask (RFC 7208 §4.6.4)."""

MAX_LOOKUPS = 10
MAX_VOID_LOOKUPS = 2
MAX_MX_HOSTS = 10
MAX_PTR_NAMES = 10
MAX_PTR_TOLD = 30  # that are looked up to tell what receivers see that take any ten
