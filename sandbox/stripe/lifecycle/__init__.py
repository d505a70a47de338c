"""What happens to money and time: finalization, collection, renewal, proration, cancellation."""
