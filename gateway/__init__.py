"""The data plane: identify, admit, forward, settle, release. Imports `core` and no Django."""
