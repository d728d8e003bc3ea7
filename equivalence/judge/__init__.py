"""Who is right: enclosures of every step, what lies outside, and the verdict."""
