"""Tables of findings: for each id the smallest input that must show it, and a near one that must not."""
