"""Which of a model's servers gets a request, and how each of them is doing."""
