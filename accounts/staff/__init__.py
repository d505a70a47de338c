"""What the staff pages of every app share: who acts, pages that only show, and money in dollars."""
