"""A bare page, for comparison."""
