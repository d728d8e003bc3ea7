"""What a loss, an activation or a schedule is tried on, and the balls that it must meet."""
