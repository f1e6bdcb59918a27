"""What a login takes from outside its messages: what ties it to the TLS channel, and the contexts that others compute."""
