"""The platform's own server with one more page: the bare one it is compared with."""
