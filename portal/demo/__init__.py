"""What a demo starts with, made by the same actions as anything else. Each part does nothing the second time."""
