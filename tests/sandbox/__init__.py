"""The stand-ins for outside parties."""
