"""The main job from greeting to report, against aiosmtpd."""
