"""The smallest change of an SPF record that permits an address, proved by evaluation."""
