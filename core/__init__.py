"""What both planes share: pure Python, standard library only."""
